"""Subtitles: words placed in the audio, grouped into cues, written as SRT, WebVTT or JSON lines."""
