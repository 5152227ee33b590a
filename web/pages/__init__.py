"""One module per page: its layout, and callbacks that read inputs, call one service and draw one figure."""
