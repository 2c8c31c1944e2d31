00:00:05 Five
00:00:03 Three
