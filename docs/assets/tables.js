// Gives each cell of a table the head of its column, for screens on which the heads are not shown.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("article table")) {
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => head.textContent.trim());
    for (const row of table.tBodies[0]?.rows ?? []) {
      [...row.cells].forEach((cell, i) => {
        if (heads[i]) cell.dataset.head = heads[i];
      });
    }
  }
});
