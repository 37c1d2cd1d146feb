// Lets the page of error codes be filtered: an entry is shown if it holds every word that is typed.
document.addEventListener("DOMContentLoaded", () => {
  const input = document.querySelector(".code-filter");
  if (!input) return;
  const groups = [];
  let group;
  for (let element = input.closest("p") ?? input; (element = element.nextElementSibling); ) {
    if (element.tagName === "H2") groups.push((group = { heading: element, entries: [] }));
    else if (element.tagName === "H3") group.entries.push([element]);
    else group?.entries.at(-1)?.push(element);
  }
  input.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const { heading, entries } of groups) {
      let shown = 0;
      for (const entry of entries) {
        const text = entry.map((element) => element.textContent).join(" ").toLowerCase();
        const matches = words.every((word) => text.includes(word));
        entry.forEach((element) => (element.hidden = !matches));
        shown += matches;
      }
      heading.hidden = shown === 0;
    }
  });
});
