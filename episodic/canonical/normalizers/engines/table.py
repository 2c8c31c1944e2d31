"""The engines whose JSON is read: a row for each, in the order in which they are asked.

A shape for which nothing is published is refused, and not guessed. The last rows have the keys that many
others have as well.
"""

from typing import Final

from episodic.canonical.normalizers.engines import clouds, models, publishing, services, whispers
from episodic.canonical.normalizers.engines.engine import Engine, Shape

# One of the fields that stand beside AssemblyAI's own, which others have as well.
_ASSEMBLY: Final = "audio_duration|audio_url|status|language_code|words"
_BESIDE_TEXT: Final = frozenset({"usage", "logprobs", "language", "duration", "task", "x_groq", "segments"})

ENGINES: Final = (
    Engine(
        "whisper-cpp-json",
        "whisper.cpp",
        ("https://github.com/ggml-org/whisper.cpp, examples/cli/cli.cpp, output_json",),
        (Shape(("transcription[].offsets.from", "transcription[].text"), whispers.WhisperCpp),),
    ),
    Engine(
        "premiere-json",
        "Premiere",
        ("https://schemas.adobe.com/transcript/v1.0.0, PremierePro_transcript_format_spec.json",),
        (Shape(("segments[].words[].duration", "segments[].duration", "speakers"), publishing.Premiere),),
    ),
    Engine(
        "trint-json",
        "Trint",
        ("https://github.com/bbc/react-transcript-editor, packages/stt-adapters/trint/sample",),
        (Shape(("words[].value", "words[].time", "words[].paragraphId"), publishing.Trint),),
    ),
    Engine(
        "video-indexer-json",
        "Azure Video Indexer",
        ("https://learn.microsoft.com/azure/azure-video-indexer/video-indexer-output-json-v2",),
        (Shape(("videos[].insights.transcript[].instances",), publishing.VideoIndexer),),
    ),
    Engine(
        "podcast-json",
        "Podcasting 2.0",
        ("https://podcasting2.org/docs/podcast-namespace, transcripts/transcripts.md",),
        (Shape(("segments[].startTime", "segments[].body"), publishing.Podcasting),),
    ),
    Engine(
        "podlove-json",
        "Podlove",
        (
            "https://github.com/podlove/podlove-ui, packages/types/transcript.d.ts",
            "https://docs.podlove.org/podlove-publisher/guides/transcripts.html",
        ),
        (
            Shape(("[].start_ms", "[].text|items"), list[publishing.PodloveSegment], publishing.podlove),
            Shape(
                ("transcripts[].start_ms", "transcripts[].text|items"),
                list[publishing.PodloveSegment],
                publishing.podlove,
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
        (Shape(("results.channels[].alternatives[].transcript",), services.Deepgram, at="results"),),
    ),
    Engine(
        "aws-json",
        "Amazon Transcribe",
        ("https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html",),
        (Shape(("results.items[].alternatives[].content",), clouds.Amazon, at="results"),),
    ),
    Engine(
        "speechmatics-json",
        "Speechmatics",
        ("https://docs.speechmatics.com/speech-to-text/batch/output",),
        (
            Shape(("results[].alternatives[].content",), services.Speechmatics),
            Shape(("words[].name", "words[].time", "words[].duration"), services.OldSpeechmatics),
        ),
    ),
    Engine(
        "watson-json",
        "IBM Watson Speech to Text",
        ("https://cloud.ibm.com/docs/speech-to-text?topic=speech-to-text-basic-response",),
        (Shape(("results[].alternatives[].transcript", "result_index"), clouds.Watson),),
    ),
    Engine(
        "google-json",
        "Google Speech-to-Text",
        (
            "https://cloud.google.com/speech-to-text/docs/reference/rest/v1/speech/recognize",
            "https://cloud.google.com/speech-to-text/v2/docs/reference/rest/v2/SpeechRecognitionResult",
        ),
        (
            Shape(("results[].alternatives[].transcript|words",), clouds.Google, underscored=True),
            Shape(("results.*.inlineResult|inline_result|transcript",), clouds.GoogleBatch, underscored=True),
        ),
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
                list[clouds.AzurePhrase],
                clouds.azure,
                "recognizedPhrases",
            ),
            Shape(
                ("phrases[].offsetMilliseconds", "phrases[].text"),
                list[clouds.AzurePhrase],
                clouds.azure,
                "phrases",
            ),
            Shape(
                ("AudioFileResults[].SegmentResults[].NBest",),
                list[clouds.AzureFile],
                clouds.azure_files,
                "AudioFileResults",
                underscored=True,
            ),
            Shape(
                ("[].RecognitionStatus", "[].DisplayText|NBest"),
                list[clouds.AzurePhrase],
                clouds.azure,
                underscored=True,
            ),
        ),
    ),
    Engine(
        "rev-json",
        "Rev",
        ("https://docs.rev.ai/api/asynchronous/transcript",),
        (Shape(("monologues[].elements[].value",), services.Rev),),
    ),
    Engine(
        "gladia-json",
        "Gladia",
        ("https://docs.gladia.io/chapters/pre-recorded-stt/features/word-level-timestamps",),
        (
            Shape(("transcription.utterances[].text",), services.GladiaAnswer),
            Shape(("utterances[].text", "full_transcript"), services.Gladia),
        ),
    ),
    Engine(
        "elevenlabs-json",
        "ElevenLabs Scribe",
        ("https://elevenlabs.io/docs/api-reference/speech-to-text/convert",),
        (
            Shape(("words[].text", "words[].type"), services.Scribe),
            Shape(("transcripts[].words[].type",), services.ScribeChannels),
        ),
    ),
    Engine(
        "soniox-json",
        "Soniox",
        (
            "https://soniox.com/docs/stt/concepts/timestamps",
            "https://soniox.com/docs/stt/concepts/speaker-diarization",
        ),
        (Shape(("tokens[].text", "tokens[].start_ms"), services.Soniox),),
    ),
    Engine(
        "otter-json",
        "Otter",
        ("https://github.com/gmchad/otterai-api, and what else calls its addresses",),
        (Shape(("transcripts[].transcript", "transcripts[].start_offset"), publishing.Otter),),
    ),
    Engine(
        "parakeet-json",
        "parakeet-mlx",
        ("https://github.com/senstella/parakeet-mlx, parakeet_mlx/cli.py, to_json",),
        (
            Shape(
                ("sentences[].tokens", "sentences[].duration"),
                list[models.ParakeetSentence],
                models.parakeet,
                "sentences",
            ),
        ),
    ),
    Engine(
        "assemblyai-json",
        "AssemblyAI",
        ("https://www.assemblyai.com/docs/api-reference/transcripts/get",),
        (
            Shape(("utterances[].text", "utterances[].start", _ASSEMBLY), services.AssemblyAI),
            Shape(("utterances[].text", "utterances[].words[].text"), services.AssemblyAI),
            Shape(("words[].text", "words[].start", "words[].confidence"), services.AssemblyAI),
            Shape(("sentences[].words", "audio_duration"), services.AssemblyAI),
            Shape(("paragraphs[].words", "audio_duration"), services.AssemblyAI),
        ),
    ),
    Engine(
        "pipeline-json",
        "Hugging Face pipelines",
        (
            "https://huggingface.co/docs/transformers/main_classes/pipelines",
            "https://github.com/Vaibhavs10/insanely-fast-whisper",
        ),
        (Shape(("chunks[].timestamp", "chunks[].text"), models.Pipeline),),
    ),
    Engine(
        "vosk-json",
        "Vosk",
        ("https://github.com/alphacep/vosk-api, src/vosk_api.h and python/vosk/transcriber",),
        (
            Shape(("[].result[].conf|word",), list[models.VoskResult], models.vosk),
            Shape(("[].alternatives[].result[].word",), list[models.VoskResult], models.vosk),
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
            Shape(("[].audio_filepath", "[].pred_text|text"), list[models.NemoEntry], models.nemo_manifest),
            Shape(("segment[].segment", "segment[].start"), models.NemoTimestamps),
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
            Shape(
                ("events[].tStartMs", "events[].segs"),
                list[publishing.YouTubeEvent],
                publishing.youtube,
                "events",
            ),
            Shape(
                ("[].text", "[].start|offset", "[].duration"),
                list[publishing.YouTubeLine],
                publishing.youtube_lines,
            ),
            Shape(("snippets[].text", "snippets[].start"), publishing.YouTubeSnippets),
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
            Shape(
                ("segments[].start", "segments[].text|words"),
                whispers.Whisper,
                without=("segments[].speakerName|speakers|participant|voice|who",),
            ),
            Shape(
                ("[][].start", "[][].text", "[].language"),
                tuple[list[whispers.WhisperSegment], whispers.WhisperInfo],
                whispers.segments_beside,
            ),
            Shape(
                ("[].start", "[].text|words"),
                list[whispers.WhisperSegment],
                whispers.segments_alone,
                without=("[].speakerName|speakers|participant|voice|who",),
            ),
            Shape(("words[].word", "words[].start", "text"), whispers.WhisperWords),
            Shape(("text",), whispers.WhisperText, others=_BESIDE_TEXT),
        ),
    ),
)
