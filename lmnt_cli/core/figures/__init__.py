"""Figures and happenings: what a run can show of itself."""
