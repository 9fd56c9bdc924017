"""The embedded service: LMNT's wire protocol on loopback, with real speech and no network.

It is an independent implementation of the protocol: it shares nothing with the client, so that the two can
disagree and a test can notice. The client starts this package as a program and never imports it.

    cli             the command line of `lmnt-local`; arguments: its options; key reads the key,
                    stdio repairs descriptors, log escapes, lazy defers an import
    service         accepts connections; access decides who may use them
    connection      one TCP connection: HTTP first, then possibly a WebSocket
    http/           the HTTP routes: rest; one_shot speaks for them, messages reads and writes bodies
    session/        one speech session: websocket, dialects (the generations of the protocol),
                    agenda (what to speak and to answer next), sending (with its faults)
    requests        the requests of clients; fields reads their fields
    faults          the settings that make things go wrong
    speech_stream   text to audio and word times, in chunks
    workers         the threads that synthesize speech; threads runs one job in one
    speech/         text to samples: sentences, hibari_engine, accents, voices, spans and alignment
                    (how long each token lasts), spelling
    encoders/       samples to the bytes of a format
"""
