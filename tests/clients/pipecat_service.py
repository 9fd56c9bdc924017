"""pipecat's LMNT service, as used in its examples; only its fixed address is redirected."""

from __future__ import annotations

import asyncio
import sys

from pipecat.frames.frames import ErrorFrame, Frame, TTSAudioRawFrame, TTSSpeakFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineTask
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.lmnt import tts


# Two seconds at 16 kHz.
ENOUGH = 64000


class Listener(FrameProcessor):
    """Counts the audio that passes by."""

    def __init__(self) -> None:
        super().__init__()
        self.heard_enough = asyncio.Event()
        self._bytes = 0
        self.errors: list[Frame] = []

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame):
            self._bytes += len(frame.audio)
            if self._bytes > ENOUGH:
                self.heard_enough.set()
        if isinstance(frame, ErrorFrame):
            self.errors.append(frame)
        await self.push_frame(frame, direction)


async def main(url: str) -> None:
    connect = tts.websocket_connect
    tts.websocket_connect = lambda _url: connect(f"ws{url.removeprefix('http')}/v1/ai/speech/stream")
    service = tts.LmntTTSService(api_key="a key", voice_id="lily", sample_rate=16000)
    listener = Listener()
    task = PipelineTask(Pipeline([service, listener]))
    await task.queue_frame(TTSSpeakFrame("Hello from pipecat, which speaks the first generation."))
    runner = asyncio.create_task(PipelineRunner(handle_sigint=False).run(task))
    await listener.heard_enough.wait()
    # It would wait until a loudspeaker has played this; there is none.
    await task.cancel()
    await runner
    assert listener.errors == []


asyncio.run(asyncio.wait_for(main(sys.argv[1]), 50))
print("all well")
