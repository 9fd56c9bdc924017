"""The embedded service: LMNT's wire protocol on loopback, with real speech and no network.

An independent reading of the protocol: nothing here is shared with the client, so that the two can
disagree and a test can notice. The client starts this package as a program and never imports it.

    cli         the words of `lmnt-local`
    service     listening
    exchange    one TCP connection: HTTP in front, a WebSocket behind
    rest        the HTTP routes
    websocket   one WebSocket over websockets' sans-I/O protocol
    session     one speech session
    dialects    what each protocol generation says and understands
    messages    what a client can ask for
    faults      what can be made to go wrong
    script      what is to be said and answered next
    sentences   text as it comes -> stretches worth speaking
    studio      the threads in which speech is made
    engine      text -> samples and word lengths
    voices      who speaks
    encoders    samples -> bytes of a format
"""
