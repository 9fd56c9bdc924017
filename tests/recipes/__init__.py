"""Tests of the recipes: what README and manual give to paste, pasted."""
