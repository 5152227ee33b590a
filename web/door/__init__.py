"""The door: who may come in, and what a request and a callback may bring."""
