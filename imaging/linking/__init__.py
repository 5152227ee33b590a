"""Files to objects and objects to one another: by UID first, by frame of reference last, never by guess."""
