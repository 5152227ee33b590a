"""Read model in, plotly figure out."""
