"""How fast and how small the library is, as multiples of what plain decoding costs on the same bytes."""
