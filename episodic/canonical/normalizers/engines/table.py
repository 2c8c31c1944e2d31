"""The engines whose JSON is read: a row for each, in the order in which they are asked.

A shape for which nothing is published is refused, and not guessed. The last rows have the keys that many
others have as well.
"""

from typing import Final

from episodic.canonical.normalizers.engines.clouds import (
    Amazon,
    AzureFile,
    AzurePhrase,
    Google,
    Watson,
    azure,
    azure_files,
)
from episodic.canonical.normalizers.engines.engine import Engine, Shape
from episodic.canonical.normalizers.engines.models import (
    NemoEntry,
    NemoTimestamps,
    ParakeetSentence,
    Pipeline,
    VoskResult,
    nemo_manifest,
    parakeet,
    vosk,
)
from episodic.canonical.normalizers.engines.pieces import Scribe, ScribeChannels, Soniox
from episodic.canonical.normalizers.engines.publishing import (
    Podcasting,
    PodloveSegment,
    Premiere,
    YouTubeEvent,
    YouTubeLine,
    YouTubeSnippets,
    podlove,
    youtube,
    youtube_lines,
    youtube_lists,
)
from episodic.canonical.normalizers.engines.services import (
    AssemblyAI,
    Deepgram,
    FirefliesSentence,
    Gladia,
    Rev,
    Speechmatics,
    fireflies,
)
from episodic.canonical.normalizers.engines.whispers import (
    Whisper,
    WhisperCpp,
    WhisperSegment,
    WhisperText,
    WhisperWords,
    segments_alone,
)

# One of the fields that stand beside AssemblyAI's own, which others have as well.
_ASSEMBLY: Final = "audio_duration|audio_url|status|language_code|words"
_BESIDE_TEXT: Final = frozenset({"usage", "logprobs", "language", "duration", "task", "x_groq"})

ENGINES: Final = (
    Engine(
        "whisper-cpp-json",
        "whisper.cpp",
        ("https://github.com/ggml-org/whisper.cpp, examples/cli/cli.cpp, output_json",),
        (Shape(("transcription[].offsets.from", "transcription[].text"), WhisperCpp, WhisperCpp.read),),
    ),
    Engine(
        "premiere-json",
        "Premiere",
        ("https://schemas.adobe.com/transcript/v1.0.0, PremierePro_transcript_format_spec.json",),
        (Shape(("segments[].words[].duration", "segments[].duration", "speakers"), Premiere, Premiere.read),),
    ),
    Engine(
        "podcast-json",
        "Podcasting 2.0",
        ("https://podcasting2.org/docs/podcast-namespace, transcripts/transcripts.md",),
        (Shape(("segments[].startTime", "segments[].body"), Podcasting, Podcasting.read),),
    ),
    Engine(
        "podlove-json",
        "Podlove",
        (
            "https://github.com/podlove/podlove-ui, packages/types/transcript.d.ts",
            "https://docs.podlove.org/podlove-publisher/guides/transcripts.html",
        ),
        (
            Shape(("[].start_ms", "[].text|items"), list[PodloveSegment], podlove),
            Shape(
                ("transcripts[].start_ms", "transcripts[].text|items"),
                list[PodloveSegment],
                podlove,
                "transcripts",
            ),
        ),
    ),
    Engine(
        "deepgram-json",
        "Deepgram",
        (
            "https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded",
            "https://developers.deepgram.com/docs/utterances",
        ),
        (Shape(("results.channels[].alternatives[].transcript",), Deepgram, Deepgram.read, "results"),),
    ),
    Engine(
        "aws-json",
        "Amazon Transcribe",
        ("https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html",),
        (Shape(("results.items[].alternatives[].content",), Amazon, Amazon.read, "results"),),
    ),
    Engine(
        "speechmatics-json",
        "Speechmatics",
        ("https://docs.speechmatics.com/speech-to-text/batch/output",),
        (Shape(("results[].alternatives[].content",), Speechmatics, Speechmatics.read),),
    ),
    Engine(
        "watson-json",
        "IBM Watson Speech to Text",
        ("https://cloud.ibm.com/docs/speech-to-text?topic=speech-to-text-basic-response",),
        (Shape(("results[].alternatives[].transcript", "result_index"), Watson, Watson.read),),
    ),
    Engine(
        "google-json",
        "Google Speech-to-Text",
        (
            "https://cloud.google.com/speech-to-text/docs/reference/rest/v1/speech/recognize",
            "https://cloud.google.com/speech-to-text/v2/docs/reference/rest/v2/SpeechRecognitionResult",
        ),
        (Shape(("results[].alternatives[].transcript|words",), Google, Google.read, underscored=True),),
    ),
    Engine(
        "azure-json",
        "Azure Speech",
        (
            "https://learn.microsoft.com/azure/ai-services/speech-service/batch-transcription-get",
            "https://learn.microsoft.com/azure/ai-services/speech-service/fast-transcription-create",
        ),
        (
            Shape(
                ("recognizedPhrases[].nBest[].display|lexical",),
                list[AzurePhrase],
                azure,
                "recognizedPhrases",
            ),
            Shape(("phrases[].offsetMilliseconds", "phrases[].text"), list[AzurePhrase], azure, "phrases"),
            Shape(
                ("AudioFileResults[].SegmentResults[].NBest",),
                list[AzureFile],
                azure_files,
                "AudioFileResults",
                underscored=True,
            ),
            Shape(
                ("[].RecognitionStatus", "[].DisplayText|NBest"),
                list[AzurePhrase],
                azure,
                underscored=True,
            ),
        ),
    ),
    Engine(
        "rev-json",
        "Rev",
        ("https://docs.rev.ai/api/asynchronous/transcript",),
        (Shape(("monologues[].elements[].value",), Rev, Rev.read),),
    ),
    Engine(
        "gladia-json",
        "Gladia",
        ("https://docs.gladia.io/chapters/pre-recorded-stt/features/word-level-timestamps",),
        (
            Shape(("transcription.utterances[].text",), Gladia, Gladia.read, "transcription"),
            Shape(("utterances[].text", "full_transcript"), Gladia, Gladia.read),
        ),
    ),
    Engine(
        "elevenlabs-json",
        "ElevenLabs Scribe",
        ("https://elevenlabs.io/docs/api-reference/speech-to-text/convert",),
        (
            Shape(("words[].text", "words[].type"), Scribe, Scribe.read),
            Shape(("transcripts[].words[].type",), ScribeChannels, ScribeChannels.read),
        ),
    ),
    Engine(
        "soniox-json",
        "Soniox",
        (
            "https://soniox.com/docs/stt/concepts/timestamps",
            "https://soniox.com/docs/stt/concepts/speaker-diarization",
        ),
        (Shape(("tokens[].text", "tokens[].start_ms"), Soniox, Soniox.read),),
    ),
    Engine(
        "fireflies-json",
        "Fireflies",
        ("https://docs.fireflies.ai/schema/sentence",),
        (
            Shape(
                ("sentences[].start_time", "sentences[].text|raw_text"),
                list[FirefliesSentence],
                fireflies,
                "sentences",
            ),
        ),
    ),
    Engine(
        "parakeet-json",
        "parakeet-mlx",
        ("https://github.com/senstella/parakeet-mlx, parakeet_mlx/cli.py, to_json",),
        (
            Shape(
                ("sentences[].tokens", "sentences[].duration"), list[ParakeetSentence], parakeet, "sentences"
            ),
        ),
    ),
    Engine(
        "assemblyai-json",
        "AssemblyAI",
        ("https://www.assemblyai.com/docs/api-reference/transcripts/get",),
        (
            Shape(("utterances[].text", "utterances[].start", _ASSEMBLY), AssemblyAI, AssemblyAI.read),
            Shape(("utterances[].text", "utterances[].words[].text"), AssemblyAI, AssemblyAI.read),
            Shape(("words[].text", "words[].start", _ASSEMBLY), AssemblyAI, AssemblyAI.read),
            Shape(("sentences[].words", "audio_duration"), AssemblyAI, AssemblyAI.read),
            Shape(("paragraphs[].words", "audio_duration"), AssemblyAI, AssemblyAI.read),
        ),
    ),
    Engine(
        "pipeline-json",
        "Hugging Face pipelines",
        (
            "https://huggingface.co/docs/transformers/main_classes/pipelines",
            "https://github.com/Vaibhavs10/insanely-fast-whisper",
        ),
        (Shape(("chunks[].timestamp", "chunks[].text"), Pipeline, Pipeline.read),),
    ),
    Engine(
        "vosk-json",
        "Vosk",
        ("https://github.com/alphacep/vosk-api, src/vosk_api.h and python/vosk/transcriber",),
        (
            Shape(("[].result[].conf|word",), list[VoskResult], vosk),
            Shape(("[].alternatives[].result[].word",), list[VoskResult], vosk),
        ),
    ),
    Engine(
        "nemo-json",
        "NeMo",
        (
            "https://docs.nvidia.com/nemo-framework/user-guide/latest/nemotoolkit/asr/datasets.html",
            "https://huggingface.co/nvidia/parakeet-tdt-0.6b-v2",
        ),
        (
            Shape(("[].audio_filepath", "[].pred_text|text"), list[NemoEntry], nemo_manifest),
            Shape(("segment[].segment", "segment[].start"), NemoTimestamps, NemoTimestamps.read),
        ),
    ),
    Engine(
        "youtube-json",
        "YouTube (json3, youtube-transcript-api)",
        (
            "https://github.com/yt-dlp/yt-dlp, --sub-format json3",
            "https://github.com/jdepoix/youtube-transcript-api, formatters.py",
        ),
        (
            Shape(("events[].tStartMs", "events[].segs"), list[YouTubeEvent], youtube, "events"),
            Shape(("[].text", "[].start", "[].duration"), list[YouTubeLine], youtube_lines),
            Shape(("[][].text", "[][].start", "[][].duration"), list[list[YouTubeLine]], youtube_lists),
            Shape(("snippets[].text", "snippets[].start"), YouTubeSnippets, YouTubeSnippets.read),
        ),
    ),
    Engine(
        "whisper-json",
        "Whisper and its kin",
        (
            "https://github.com/openai/whisper, whisper/utils.py, WriteJSON",
            "https://platform.openai.com/docs/api-reference/audio/verbose-json-object",
            "https://platform.openai.com/docs/api-reference/audio/json-object",
            "https://github.com/SYSTRAN/faster-whisper, faster_whisper/transcribe.py, Segment",
            "https://github.com/m-bain/whisperX, whisperx/utils.py",
            "https://github.com/linto-ai/whisper-timestamped",
        ),
        (
            Shape(("segments[].start", "segments[].text|words"), Whisper, Whisper.read),
            Shape(("[].start", "[].text|words"), list[WhisperSegment], segments_alone),
            Shape(("words[].word", "words[].start", "text"), WhisperWords, WhisperWords.read),
            Shape(("text",), WhisperText, WhisperText.read, others=_BESIDE_TEXT),
        ),
    ),
)
