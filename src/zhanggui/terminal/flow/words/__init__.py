"""Words for people: texts as data, and the catalogue that turns them into one language."""
