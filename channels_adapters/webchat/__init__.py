"""Web chat: a typed JSON protocol over a websocket, the widget that speaks it, and the views around both."""
