"""How notes and heads of transcripts call what they say of an episode, in the languages of most podcasts."""

from typing import Final

from episodic.canonical.text.labels import GUESTS, HOSTS
from episodic.canonical.text.wordlists import by_name, word_list

# What each label says.
FIELDS: Final = by_name(
    {
        "title": """
            title, episode title, working title, titel, folgentitel, episodentitel, arbeitstitel, titre,
            título, titolo, tytuł, název, название, заголовок, назва, otsikko, başlık, タイトル, 題名, 標題,
            标题, 제목
        """,
        "subtitle": """
            subtitle, untertitel, sous-titre, subtítulo, sottotitolo, ondertitel, подзаголовок, 副标题
        """,
        "summary": """
            summary, description, abstract, synopsis, excerpt, zusammenfassung, beschreibung,
            kurzbeschreibung, résumé, resumen, descripción, resumo, descrição, riassunto, descrizione,
            samenvatting, beschrijving, streszczenie, opis, описание, опис, beskrivning, beskrivelse,
            kuvaus, özet, 概要, 説明, 简介, 簡介, 요약, 소개
        """,
        "published": """
            date, pub date, pubdate, date published, published at, published on, published,
            publication date, publish date, release date, air date, datum, veröffentlicht,
            veröffentlichungsdatum, date de publication, publié le, fecha, fecha de publicación, data,
            data de publicação, data di pubblicazione, publicatiedatum, дата, дата публикации, dato,
            päivämäärä, tarih, 配信日, 公開日, 日付, 日時, 日期, 发布日期, 發布日期, 날짜
        """,
        "episode": """
            episode, episode number, number, folge, folgennummer, épisode, episodio, episódio, odcinek,
            выпуск
        """,
        "season": "season, staffel, saison, temporada, stagione, seizoen, sezon, сезон",
        "duration": """
            duration, length, running time, dauer, länge, laufzeit, durée, duración, duração, durata,
            duur, czas trwania, длительность, продолжительность, тривалість, längd, varighed, varighet,
            kesto, süre, 再生時間, 時間, 长度, 时长, 時長, 길이
        """,
        "keyword": """
            keywords, tags, schlagwörter, schlagworte, stichwörter, stichworte, mots-clés,
            palabras clave, palavras-chave, parole chiave, trefwoorden, słowa kluczowe, ключевые слова,
            ключові слова, キーワード, 关键词, 關鍵詞, 키워드
        """,
        "link": "link, website, url, webseite, site web, sitio web, sito web, сайт, ウェブサイト, 网站",
        "media": "audio, audio url, media",
        "guid": "guid",
        "series": """
            show, series, podcast, sendung, reihe, émission, serie, série, подкаст, 番組,
            ポッドキャスト, 播客
        """,
        "publisher": "publisher, network, verlag, sender, éditeur, editor responsable, editore, издатель",
    }
)
# How notes call who takes part, and the role of these; empty: any.
ROLE_NAMES: Final = {
    **dict.fromkeys(HOSTS, "host"),
    **dict.fromkeys(GUESTS, "guest"),
    **dict.fromkeys(
        word_list(
            """
            speaker participant contributor attendee teilnehmer teilnehmerin teilnehmende mitwirkende
            participante partecipanti deelnemer uczestnicy участники учасники 出演 出演者 参加者 参与者
            참석자 출연
            """
        ),
        "",
    ),
    **{
        role: role
        for role in word_list(
            """
            guest host co-host cohost presenter interviewer interviewee producer editor author reporter
            narrator moderator panelist
            """
        )
    },
}
