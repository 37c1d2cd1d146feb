// Filters the page of error codes: an entry is shown if it holds every word that is typed.
document.addEventListener("DOMContentLoaded", () => {
  const input = document.querySelector(".code-filter");
  if (!input) return;
  const count = document.querySelector(".code-count");
  const groups = [];
  let group;
  for (let element = count.closest("p") ?? count; (element = element.nextElementSibling); ) {
    if (element.tagName === "H2") groups.push((group = { heading: element, entries: [] }));
    else if (element.tagName === "H3") group.entries.push([element]);
    else group?.entries.at(-1)?.push(element);
  }
  input.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    let total = 0;
    for (const { heading, entries } of groups) {
      let shown = 0;
      for (const entry of entries) {
        const text = entry.map((element) => element.textContent).join(" ").toLowerCase();
        const matches = words.every((word) => text.includes(word));
        entry.forEach((element) => (element.hidden = !matches));
        shown += matches;
      }
      heading.hidden = shown === 0;
      total += shown;
    }
    count.hidden = input.value.trim() === "";
    count.textContent = total === 0 ? "Nothing found." : total === 1 ? "1 code" : `${total} codes`;
  });
});
