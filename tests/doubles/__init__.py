"""Doubles that speak the wire protocol and know no class of ours."""
