WEBVTT

00:00:00.000 --> 00:00:02.000
Ada: Hello, Charles.
Charles: Hello.

00:00:02.000 --> 00:00:04.000
The rule is this: count.

00:00:04.000 --> 00:00:06.000
Ada: Indeed.
