"""Doubles that speak the wire and know no class of ours."""
