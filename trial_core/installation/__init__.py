"""An installation as one thing: its rows, bytes, keys and anchors, taken out whole and put in whole."""
