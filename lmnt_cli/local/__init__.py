"""The embedded service: LMNT's wire protocol on loopback, with real speech and no network.

An independent reading of the protocol: nothing here is shared with the client, so that the two can
disagree and a test can notice. The client starts this package as a program and never imports it.

    cli         the words of `lmnt-local`
    service     listening
    exchange    one TCP connection: HTTP in front, a WebSocket behind
    rest        the HTTP routes; recital speaks for them, bodies reads what they are sent
    websocket   one WebSocket over websockets' sans-I/O protocol
    session     one speech session
    dialects    what each protocol generation says and understands; initial reads its first message
    messages    what a client can ask for; fields reads one field of it
    faults      what can be made to go wrong
    script      what is to be said and answered next
    sentences   text as it comes -> stretches worth speaking
    speaker     text -> audio and word times, in chunks
    outlet      the way out, and what goes wrong there
    studio      the threads in which speech is made
    engine      text -> samples and word lengths
    voices      who speaks
    words       how long each written word is; spelling makes foreign ones readable
    encoders    samples -> bytes of a format; encoder says what that is, containers has WebM and AAC
"""
