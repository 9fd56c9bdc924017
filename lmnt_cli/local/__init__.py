"""The embedded service: LMNT's wire protocol on loopback, with real speech and no network.

An independent reading of the protocol: nothing here is shared with the client, so that the two can
disagree and a test can notice. The client starts this package as a program and never imports it.

    cli             the command line of `lmnt-local`; key reads the key, stdio mends descriptors, log escapes,
                    lazy holds a module back
    service         accepting connections; access decides who may use it
    connection      one TCP connection: HTTP first, then perhaps a WebSocket
    http/           the HTTP routes: rest; one_shot speaks for them, messages reads and writes bodies
    session/        one speech session: websocket, dialects (what each protocol generation says),
                    agenda (what to speak and to answer next), sending (and what can go wrong there)
    requests        what a client can ask for; fields reads its fields
    faults          what can be made to go wrong
    speech_stream   text to audio and word times, in chunks
    workers         the threads that make speech; threads runs one job in one
    speech/         text to samples: sentences, hibari_engine, accents, voices, alignment, spelling
    encoders/       samples to bytes of a format
"""
