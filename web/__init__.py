"""The web application: pages, components and figures over trial_core's services; it computes nothing."""
