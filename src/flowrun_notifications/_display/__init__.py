"""How people see a run: text, Markdown, notebooks, the terminal."""
