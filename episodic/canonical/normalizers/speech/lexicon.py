"""Words that stand before a colon or in brackets and name nobody, in the languages that most podcasts are in.

An underscore stands for a space. What is not here is judged by its form and by how it comes again.
"""

from typing import Final

from episodic.canonical.text.wordlists import by_name, word_list

# Small words inside of names.
PARTICLES: Final = word_list(
    """
    de del della degli di da do dos das du des la le van von vom zu zur der den ter ten te the and und
    et e y i of al el bin ibn ben bint abu af av og och en a
    """
)
# What begins a phrase rather than a name.
DETERMINERS: Final = word_list(
    """
    the a an this that these those my your our his her their der die das ein eine mein meine dein unser
    dies diese el los las un una mi su le les une mon ma notre il lo gli uno mio het een mijn os um uma
    meu
    """
)
# Words that nobody writes in capitals, where these are somebody's initials, or a paper's who asks.
SMALL: Final = word_list(
    "it he we is as at in on so or by if et ou ma но и zeit time heute hoy point news data"
)
# Who "said".
PRONOUNS: Final = word_list(
    """
    i he she it they we you ich er sie es wir il elle je on tu nous ils elles él ella yo nosotros ellos
    ele ela eu io lui lei noi loro ik hij zij wij jag han hon vi jeg hun hän ja ona oni on ja я он она они
    мы він вона вони ми
    """
)
# What who is asked says of themselves, and who asks says to them; without words that other languages have.
ASKED: Final = word_list(
    """
    i me my mine myself ich mich mir mein meine meinem meinen meiner meines moi mon mes yo mis mía conmigo
    eu meu minha meus minhas comigo io mio mia miei mie ik mij mijn jag mig min mitt mina meg minun minä
    mnie mój moja moje moich я меня мне мной мой моя моё мои моей моего мене мені мій моє моєї ben bana
    benim εγώ μου μένα אני שלי אותי أنا لي عندي मैं मैंने मेरा मेरी मेरे मुझे 我
    私 僕 俺 tôi saya ฉัน ผม 나는 저는 제가 내가
    """
)
ASKING: Final = word_list(
    """
    you your yours yourself du dich dir dein deine deinen deiner sie ihnen ihr ihre ihren ihrem ihrer vous
    votre vos tu toi ton tes tú ti tus usted ustedes você vocês seu sua seus suas lei suo sua tuo tua jij je
    jou jouw u uw ni er din dina sinä te sinun pan pani pana panią ty ciebie ci twój twoja вы вас вам вами ваш
    ваша ваше ваши ты тебя тебе твой ви sen siz sizin εσείς εσύ σας σου אתה את שלך أنت لك आप आपने
    आपका आपकी आपके तुम 你 您 anda bạn คุณ 당신
    """
)
# What people say to each other and notes seldom, beside "I": without words that "she", "his", "10 min" and
# "in a pan" are as well.
ADDRESSING: Final = (ASKED - {"mes", "min"}) | word_list(
    """
    you your yours yourself yes yeah yep okay hello hi hey thanks thank welcome uh um uhm hm hmm mhm huh
    oh exactly alright gern genau ach voilà bah hein pues beh ecco allora pois né ну конечно именно
    właśnie precis nou precies hoor wow haha dich dir dein deine bist hast nein danke bitte hallo
    willkommen äh ähm naja vous votre vos tu oui merci bonjour bienvenue euh ti mi usted ustedes sí
    gracias hola bienvenido bienvenida bienvenidos bienvenidas você vocês sim obrigado obrigada olá ciao
    grazie sì jij je jou jouw bedankt dank welkom ja nej tack tak takk hej hei kiitos sinä sinun ég þú
    gràcies вы вас вам вами ваш ваша ты тебя тебе спасибо привет да угу ви дякую аз благодаря ја јас
    хвала дзякуй мен сіз рахмет ty ciebie pani panią dziękuję cześć já mě mne díky děkuji vám ďakujem én
    nekem önnek igen köszönöm mulțumesc dumneavoastră bună hvala jaz aš jūs ačiū paldies mina sina teie
    aitäh sen siz evet hayır merhaba teşekkürler mən unë faleminderit εσείς εσύ σας σου ναι ευχαριστώ jy
    dankie eskerrik mimi wewe asante ndiyo ikaw salamat saya aku anda kamu bạn anh chị vâng dạ אתה שלך
    לך תודה שלום כן אנחנו أنت أنتم لك شكرا شكراً أهلا مرحبا نعم شما ممنون سلام بله آپ شکریہ आप आपने आपका
    आपकी आपके तुम नमस्ते धन्यवाद हाँ তুমি আমি আপনি ধন্যবাদ நான் நீங்கள் நன்றி నేను మీరు હું તમે მე თქვენ
    დიახ გმადლობთ ես դուք այո እኔ አመሰግናለሁ คุณ ครับ ค่ะ สวัสดี ไหม 你 您 谢谢 謝謝 欢迎 歡迎 嗯 吗 嗎
    あなた ありがと はい、 はい。 ええ、 なるほど ようこそ よろしく ですか ますか ましたか ですね ですよ
    んです ください 당신 안녕하세요 감사합니다 고맙습니다 까요 네, 네. 저도 나도
    """
)
# Who is called by a part, in whatever position.
PARTS: Final = word_list(
    """
    audience member speaker voice narrator caller man woman boy girl child host guest moderator
    interviewer interviewee presenter announcer operator reporter anchor listener participant panelist
    student teacher producer crowd all both everyone sprecher moderatorin zuschauer publikum erzähler
    interviewerin
    """
)
# What a number or a letter makes a speaker of.
SPEAKERS: Final = word_list(
    """
    speaker spk spkr sprecher sprecherin locuteur locutrice intervenant orador oradora hablante falante
    locutor parlante interlocutore spreker talare taler puhuja mówca mluvčí řečník konuşmacı vorbitor
    beszélő ομιλητής спикер говорящий диктор спікер мовець 说话人 說話人 发言人 話者 スピーカー 화자
    참석자 المتحدث דובר वक्ता ผู้พูด người_nói pembicara guest host caller voice participant person
    """
)
# What introduces something else than speech; so does another word before it, or a number behind it.
LEADS: Final = word_list(
    """
    verse strophe refrain
    note notes nb ps fact facts spoiler spoilers tip tips hint warning caution caveat disclaimer example
    examples reminder remember important update correction clarification myth truth reality problem
    solution result results conclusion summary takeaway takeaways lesson rule step steps part chapter
    section episode season series title topic topics theme subject date time times place location venue
    source sources link links website url email phone price total score today tonight tomorrow yesterday
    news headline quote bonus pro pros con cons goal reason first second third fourth finally next also
    however therefore meanwhile plus todo edit http https ftp from to cc bcc sent and but so or nor yet
    this that these those it he she they we you is was here there now then why how what who when where
    which because if for with as at in on by sponsor sponsors ad advertisement trivia footnote duration
    length recorded recording published language keywords tags category categories agenda attendees
    participants present absent action actions decision name names age address version status id author
    authors file format speakers guests chapters transcript translation music sound sfx intro outro cue
    fade option options point points idea thing things word words break pause opening closing welcome
    interview story background context overview introduction definition ingredients meaning namely
    answer answers question questions hinweis tipp achtung vorsicht wichtig fakt beispiel anmerkung
    merke fazit ergebnis zusammenfassung heute morgen gestern titel thema themen datum zeit ort quelle
    quellen teil kapitel folge staffel schritt punkt regel grund lösung übrigens und aber oder denn
    erstens zweitens drittens mythos wahrheit nachtrag werbung dauer stichwort conseil attention exemple
    rappel fait résultat résumé titre sujet thème lieu partie chapitre épisode saison étape règle raison
    problème aujourd'hui demain hier et mais ou donc car puis ensuite enfin bref durée lien liens nota
    aviso atención consejo ejemplo dato hecho recuerda importante conclusión resultado resumen título
    tema fecha hora lugar fuente parte capítulo episodio temporada paso punto regla razón problema
    solución hoy mañana ayer y pero entonces primero segundo atenção conselho exemplo fato lembrete
    conclusão resumo data local fonte episódio passo ponto regra razão solução hoje amanhã ontem mas
    então attenzione consiglio esempio fatto ricorda conclusione risultato riassunto titolo luogo
    capitolo stagione regola motivo soluzione oggi domani ieri ma quindi opmerking let_op voorbeeld feit
    conclusie resultaat samenvatting onderwerp tijd plaats bron deel hoofdstuk aflevering stap punt
    vandaag примечание внимание важно факт совет пример итог вывод результат тема дата время место
    источник часть глава выпуск эпизод сезон шаг пункт правило причина проблема решение сегодня завтра
    но и примітка увага важливо порада приклад висновок підсумок час місце джерело частина розділ випуск
    крок рішення сьогодні але uwaga ważne rada przykład wniosek wynik temat czas miejsce źródło część
    rozdział odcinek krok zasada rozwiązanie dziś jutro ale 注意 注 提示 例如 比如 事实 结论 总结 标题
    主题 日期 时间 地点 来源 今天 首先 其次 最后 例 備考 結論 題名 日時 場所 出典 今日 참고 주의 예 결론
    제목 주제 날짜 시간 장소 오늘 stichwörter stichworte schlagworte schlagwörter palabras_clave
    mots_clés mots-clés palavras-chave palavras_chave parole_chiave trefwoorden słowa_kluczowe
    ключевые_слова ملاحظة مثال تنبيه خلاصة العنوان التاريخ المكان اليوم הערה דוגמה סיכום כותרת תאריך
    היום not uyarı örnek sonuç özet başlık konu tarih saat yer bugün 剧透 劇透 重点 重點 总之 總之 總結
    结果 結果 原因 理由 事實 事实上 例子 舉例 举例 建议 建議 提醒 关键 關鍵 关键词 备注 備註 背景 步骤
    步驟 手順 단계 第一 第二 第三 另外 主題 標題 時間 地點 ネタバレ ポイント まとめ 要約 概要 例えば たとえば
    事実 真実 補足 ヒント 警告 重要 つまり 要するに ちなみに 問題 解決 解決策 一つ目 二つ目 三つ目
    テーマ タイトル 日付 스포일러 스포 팩트 사실 진실 핵심 요약 정리 팁 경고 이유 원인 결과 문제 해결
    포인트 예시 예를_들어 참고로 첫째 둘째 셋째 배경 주제어 สปอยล์ หมายเหตุ ตัวอย่าง สรุป คำเตือน
    ข้อเท็จจริง เหตุผล lưu_ý chú_ý ví_dụ kết_luận tóm_lại नोट उदाहरण निष्कर्ष तथ्य ध्यान_दें حقيقة مثلا
    تحذير سبب نتيجة ספוילר עובדה שימו_לב סיבה спойлер спойлеры факты вопрос_дня spojler catatan contoh
    kesimpulan peringatan fakta advantage disadvantage
    vorteil nachteil ventaja desventaja avantage inconvénient vantaggio svantaggio vantagem desvantagem
    voordeel nadeel zaleta nachteile vorteile
    """
)
# Who made the text: they speak only where they talk with others.
CREDITS: Final = word_list(
    """
    transcriber transcribers translator translators reviewer reviewers proofreader subtitles subtitle
    captions captioning captioner subtitler translation transcription transcript transcribed_by
    translated_by reviewed_by subtitled_by subtitles_by captioned_by captions_by edited_by proofread_by
    synced_by sync synchronization encoded_by produced_by directed_by written_by hosted_by recorded_by
    closed_captions credits untertitel untertitelung untertitel_von übersetzung übersetzer übersetzerin
    übersetzt_von transkription transkript transkribiert_von lektorat korrektorat korrektur redaktion
    sous-titres sous-titrage sous-titres_par traduction traducteur traductrice relecture relecteur
    relectrice révision transcrit_par traduit_par subtítulos subtítulos_por traducción traductor
    traductora transcripción transcriptor revisor revisora revisión traducido_por legendas legenda
    tradução tradutor tradutora transcrição transcritor revisão legendas_por traduzido_por sottotitoli
    sottotitoli_di traduzione traduttore traduttrice trascrizione revisore revisione ondertiteling
    ondertiteld_door vertaling vertaler vertaald_door transcriptie napisy tłumaczenie tłumacz tłumaczka
    korekta transkrypcja титры субтитры субтитри перевод переводчик переклад перекладач перекладачка
    переклала переклав редактор редакторка корректор коректор расшифровка titulky překlad překladatel
    korektor preklad korektúra prevod prijevod prevodilac titlovi felirat fordító fordította lektor
    lektorálta subtitrare subtitrarea traducere traducător traducerea corector altyazı çeviri çevirmen
    çeviren gözden_geçirme undertexter översättning översättare granskare undertekster oversættelse
    oversætter oversetter oversettelse tekstitys kääntäjä käännös oikoluku υπότιτλοι μετάφραση
    μεταφραστής επιμέλεια 字幕 翻译 翻譯 译者 譯者 校对 校對 审校 審校 听写 聽寫 翻訳 校正 査読
    文字起こし 번역 검토 자막 مترجم ترجمة المترجم تدقيق المدقّق زیرنویس תרגום מתרגם כתוביות עריכה dịch
    người_dịch biên_tập ผู้แปล แปล penerjemah terjemahan अनुवाद अनुवादक утверджено затверджено превод
    преводач редактура prevoditelj recezent recenzent prevajalec prevajalka pregledovalec lektorka
    vertėjas vertėja redaktorius redaktorė vertimas tulkotājs tulkotāja redaktors redaktore tulkojums
    tõlkija toimetaja tõlge ویراستار مبكر מבקר עורך समीक्षक ผู้ตรวจทาน kiểm_duyệt người_đánh_giá
    hiệu_đính peninjau penyunting 翻译人员 校对人员 翻譯人員 校對人員 審譯者 審閱者 翻譯者 翻訳者 校正者
    검토자 번역자 prekladateľ prekladateľka korektorka překladatelka lektorál nagekeken_door
    korrekturlæser gransker oikolukija revisió traducció tradución მთარგმნელი რედაქტორი թարգմանիչ
    խմբագիր tərcümə redaktor tərcüməçi وەرگێڕ অনুবাদক përkthyesi përkthyes перакладчык рэдактар
    """
)
# What a heading calls the speech below it.
TRANSCRIPTS: Final = word_list(
    """
    transcript transcripts transcription full_transcript complete_transcript episode_transcript
    interview_transcript show_transcript podcast_transcript video_transcript automatic_transcript
    transkript transkription volltranskript vollständiges_transkript abschrift retranscription
    transcription_complète transcription_de_l'épisode transcripción transcripción_completa
    transcripción_del_episodio transcrição transcrição_completa transcrição_do_episódio trascrizione
    trascrizione_completa transcriptie volledig_transcript расшифровка транскрипт транскрипция
    стенограмма полная_расшифровка расшифровка_выпуска текст_выпуска розшифровка transkrypcja transkrypt
    přepis prepis transkripce avskrift transskription udskrift transkriptio litterointi tekstivastine
    transkripsiyon deşifre átirat leirat transcriere απομαγνητοφώνηση transkrip 文字起こし 書き起こし
    全文書き起こし 逐字稿 文字稿 文字记录 文字記錄 转录 转写 녹취록 스크립트 대본 التفريغ_النصي نص_الحلقة
    תמלול תמליל प्रतिलेख bản_ghi
    """
)
# What a heading calls questions and answers that nobody talks in.
FAQS: Final = word_list(
    """
    faq faqs f.a.q frequently_asked_questions common_questions häufige_fragen häufig_gestellte_fragen
    questions_fréquentes questions_fréquemment_posées foire_aux_questions preguntas_frecuentes
    preguntas_más_frecuentes perguntas_frequentes domande_frequenti veelgestelde_vragen vanliga_frågor
    ofte_stillede_spørgsmål ofte_stilte_spørsmål usein_kysytyt_kysymykset usein_kysyttyä
    często_zadawane_pytania najczęstsze_pytania časté_dotazy časté_otázky gyakori_kérdések
    sıkça_sorulan_sorular частые_вопросы часто_задаваемые_вопросы часті_запитання поширені_запитання
    συχνές_ερωτήσεις întrebări_frecvente често_задавани_въпроси 常见问题 常見問題 よくある質問 자주_묻는_질문
    الأسئلة_الشائعة أسئلة_شائعة שאלות_נפוצות câu_hỏi_thường_gặp pertanyaan_umum คำถามที่พบบ่อย
    अक्सर_पूछे_जाने_वाले_प्रश्न
    """
)
# What a line says that the next one has, in Otter's and Google Meet's heads: keywords, or who takes part.
ABOVE: Final = dict.fromkeys(
    word_list(
        """
        keywords summary_keywords schlagwörter mots-clés palabras_clave palavras-chave parole_chiave
        trefwoorden ключевые_слова ключові_слова 关键词 關鍵詞 キーワード 키워드
        """
    ),
    "keywords",
) | dict.fromkeys(
    word_list(
        """
        speakers attendees participants teilnehmer teilnehmende participantes asistentes partecipanti
        deelnemers участники учасники 参会人 与会者 参加者 참석자
        """
    ),
    "speakers",
)
# What is heard and not said, in brackets.
SOUNDS: Final = word_list(
    """
    music applause laughter laughs laughing laugh chuckles chuckling cheering cheers inaudible
    unintelligible crosstalk silence pause noise sighs coughs singing foreign blank_audio sound beep
    bleep musik applaus lachen gelächter lacht beifall unverständlich stille musique rires rire
    applaudissements música risas risa aplausos risos musica risate applausi muziek gelach музыка смех
    аплодисменты сміх музика оплески muzyka śmiech oklaski müzik alkış gülüşmeler 음악 웃음 박수 音楽
    拍手 笑 笑い 笑い声 歓声 ため息 咳払い 掌声 掌聲 音乐 音樂 笑声 笑聲 موسيقى تصفيق ضحك
    מוזיקה צחוק מחיאות_כפיים
    """
)
# "he said" and its like, where no small letter tells a sentence from a name: in capitals, or without case.
SAYING: Final = word_list(
    """
    said says asked asks told replied shouted whispered wrote thought sagt sagte sagten fragt fragte rief dit
    disait demande demanda répond répondit dijo dice decía preguntó respondió disse diz perguntou respondeu
    detto chiese rispose zei zegt vroeg sade säger sa sier sagde sanoi kysyi powiedział powiedziała mówi
    zapytał řekl řekla сказал сказала сказали говорит говорил спросил спросила ответил сказав каже запитав
    dedi είπε ρώτησε
    אמר אמרה אמרתי אמרו שאל שאלה قال قالت قلت قالوا فقال سأل گفت कहा बोला बोली पूछा 说 說 道 问 問 答
    言った 言って 聞いた 말했다 말하길 물었다 พูดว่า บอกว่า
    """
)
# What labels call questions and answers, also where nobody talks.
QUESTIONS: Final = word_list(
    """
    question answer frage antwort réponse pregunta respuesta pergunta resposta domanda risposta vraag
    antwoord вопрос ответ питання відповідь pytanie odpowiedź 質問 回答 질문 답변 문 답 问题 答案 问 問 答
    سؤال جواب שאלה תשובה soru cevap
    """
)
# What speaks where labels alternate, and elsewhere says who that is.
ROLES: Final = QUESTIONS | word_list(
    """
    host hosts guest guests gast gäste moderation moderator moderatorin invitado invitada invitados
    presenta presentador presentadora invité invitée invités animation animateur animatrice convidado
    convidada convidados apresentação ospite ospiti conduce conduttore conduttrice gasten presentatie
    гость гостья гости ведущий ведущая gość goście prowadzący prowadząca người_dẫn_chương_trình khách_mời
    pembawa_acara narasumber pewawancara
    """
)

# How headers call the columns, in the languages of those who write most of them.
_COLUMNS: Final = {
    "start": """
        start, start time, starttime, begin, begin time, time begin, data start, begins, from,
        in, in point, tc in, timecode in, start timestamp, start offset,
        begin offset, timestamp, timestamps, time, time code, timecode, offset, beginn,
        anfang, startzeit, von, zeit, zeitstempel, début, debut, temps, horodatage, de, inicio, início,
        comienzo, desde, tiempo, tempo, inizio, da, начало, время, aloitus, alku, börjar, tid,
        van, początek, od, czas, zaman, 开始, 开始时间, 時間, 时间,
        開始, 開始時間, 시작, 시작 시간, 시간
    """,
    "end": """
        end, end time, endtime, time end, data end, ends, stop, to, out, out point, tc out,
        timecode out, end timestamp, end offset, until,
        ende, endzeit, bis, fin, à, final, hasta, fim, fine, a, конец, slut, slutar, loppu,
        lopetus, tot, einde, koniec, do, bitiş, 结束, 结束时间, 終了, 終了時間, 종료, 끝, 종료 시간
    """,
    "duration": "duration, dur, length, dauer, durée, duree, duración, duração, durata, 时长, 長さ",
    "speaker": """
        speaker, speakers, spk, speaker name, speaker label, speaker id, name, who, voice, actor,
        character, participant, participant role, person, sprecher, sprecherin, sprechende, person, orateur,
        oratrice, intervenant, locuteur, hablante, orador, ponente, locutor, interlocutor,
        falante, parlante, relatore, oratore, спикер, говорящий, докладчик, talare, puhuja,
        spreker, mówca, 说话人, 发言人, 話者, 発言者, 스피커, 화자, 발화자
    """,
    "text": """
        text, punct, transcript, transcription, inhalt, utterance, word, words, sentence, caption, captions,
        dialogue, dialog, content, body, message, subtitle, speech, line, said, transkript,
        äußerung, gesagt, texte, paroles, sous-titre, texto, transcripción, transcrição, fala,
        testo, trascrizione, battuta, текст, реплика, teksti, tekst, metin, 文本, 内容, 字幕,
        テキスト, 発言, 文字起こし, 本文, 텍스트, 내용, 대사
    """,
}
# What each of them means, by what it is called.
COLUMNS: Final = by_name(_COLUMNS)
