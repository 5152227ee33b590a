"""What pages read: asked of the services for the person at hand, once for all that show it."""
