"""The display of a run to people: text, Markdown, notebooks, the terminal."""
