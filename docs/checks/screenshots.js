// Returns what a reader does not see of a page, as [kind, where, pixels] for each finding.
() => {
  const findings = [];
  const isShown = (element) => element.getClientRects().length > 0;
  const start = (element) => element.textContent.trim().replace(/\s+/g, " ").slice(0, 60);
  const section = (element) => {
    const before = [...document.querySelectorAll("article :is(h1, h2, h3, h4)")].filter(
      (heading) => heading.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING,
    );
    return "#" + (before.at(-1)?.id ?? "");
  };
  const found = (kind, element, pixels) => {
    if (pixels > 1) findings.push([kind, `${section(element)} "${start(element)}"`, Math.round(pixels)]);
  };
  // Where an element is cut off on the right: by the first ancestor that scrolls or hides, or by the window.
  const cut = (element) => {
    let right = document.documentElement.clientWidth;
    for (let outer = element; outer && outer !== document.body; outer = outer.parentElement) {
      if (getComputedStyle(outer).overflowX === "visible") continue;
      right = Math.min(right, outer.getBoundingClientRect().left + outer.clientLeft + outer.clientWidth);
    }
    return right;
  };

  const root = document.documentElement;
  found("page wider than the window", document.body, root.scrollWidth - root.clientWidth);
  for (const code of [...document.querySelectorAll("article pre > code")].filter(isShown)) {
    found("code scrolls sideways", code, code.scrollWidth - code.clientWidth);
    const button = code.parentElement.querySelector(".md-code__nav, .md-clipboard")?.getBoundingClientRect();
    if (!button?.width) continue;
    const text = document.createRange();
    text.selectNodeContents(code);
    const covered = [...text.getClientRects()].filter(
      (line) => line.top < button.bottom && line.bottom > button.top && line.right > button.left,
    );
    found("button covers code", code, Math.max(0, ...covered.map((line) => Math.min(line.right, button.right) - button.left)));
  }
  for (const table of [...document.querySelectorAll("article table:not(.highlighttable)")].filter(isShown)) {
    const edges = [...table.rows].map((row) => row.cells[row.cells.length - 1]?.getBoundingClientRect().right ?? 0);
    found("table hides its last column", table, Math.max(0, ...edges) - cut(table));
  }
  for (const image of document.querySelectorAll("article img")) {
    if (isShown(image) && !image.naturalWidth) findings.push(["image does not load", image.getAttribute("src"), 0]);
  }
  return findings;
}
