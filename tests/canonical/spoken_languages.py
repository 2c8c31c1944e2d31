"""What was said of a lamp, in many languages: those near to each other most of all."""

from typing import Final

LAMP: Final = {
    "da": (
        "I aftes blev lampen tændt igen, og vi gik op for at se, hvor langt lyset når ud over "
        "vandet. Fyrmesteren fortalte os, at man slet ikke kan se det i tåge, så de ringer med en "
        "klokke hvert andet minut."
    ),
    "no": (
        "I går kveld ble lampen tent igjen, og vi klatret opp for å se hvor langt lyset når utover "
        "vannet. Fyrvokteren fortalte oss at ingen ser det i tåke, så de ringer med en bjelle "
        "annethvert minutt."
    ),
    "sv": (
        "I går kväll tändes lampan igen och vi klättrade upp för att se hur långt ljuset når över "
        "vattnet. Fyrvaktaren berättade för oss att man inte ser det alls i dimma, så de ringer i "
        "en klocka varannan minut."
    ),
    "nl": (
        "Gisteravond werd de lamp weer aangestoken en we klommen naar boven om te zien hoe ver het "
        "licht over het water reikt. De wachter vertelde ons dat je er in de mist helemaal niets "
        "van ziet."
    ),
    "af": (
        "Gisteraand is die lamp weer aangesteek en ons het boontoe geklim om te sien hoe ver die "
        "lig oor die water skyn. Die wagter het vir ons gesê dat niemand dit in die mis kan sien "
        "nie."
    ),
    "ca": (
        "Ahir a la nit van tornar a encendre el llum i vam pujar a veure fins on arriba la seva "
        "claror sobre l'aigua. El faroner ens va dir que amb boira no es veu gens, i per això "
        "toquen una campana cada dos minuts."
    ),
    "es": (
        "Anoche encendieron otra vez la lámpara y subimos a ver hasta dónde llega su luz sobre el "
        "agua. El farero nos contó que con niebla no se ve nada, así que tocan una campana cada dos "
        "minutos."
    ),
    "gl": (
        "Onte á noite acenderon outra vez a lámpada e subimos a ver ata onde chega a súa luz sobre "
        "a auga. O fareiro contounos que con néboa non se ve nada, así que tocan unha campá cada "
        "dous minutos."
    ),
    "pt": (
        "Ontem à noite acenderam de novo a lâmpada e nós subimos para ver até onde chega a sua luz "
        "sobre a água. O faroleiro contou-nos que com nevoeiro não se vê nada, por isso tocam um "
        "sino de dois em dois minutos."
    ),
    "it": (
        "Ieri sera hanno riacceso la lampada e siamo saliti a vedere fin dove arriva la sua luce "
        "sull'acqua. Il guardiano ci ha detto che con la nebbia non si vede niente, quindi suonano "
        "una campana ogni due minuti."
    ),
    "ro": (
        "Aseară s-a aprins din nou lampa și am urcat să vedem până unde ajunge lumina ei peste apă. "
        "Paznicul ne-a spus că pe ceață nu se vede deloc, așa că sună un clopot la fiecare două "
        "minute."
    ),
    "pl": (
        "Wczoraj wieczorem znowu zapalono lampę i weszliśmy na górę, żeby zobaczyć, jak daleko "
        "sięga jej światło nad wodą. Latarnik powiedział nam, że we mgle nikt jej nie widzi, więc "
        "co dwie minuty biją w dzwon."
    ),
    "cs": (
        "Včera večer byla lampa znovu rozsvícena a my jsme vylezli nahoru podívat se, jak daleko "
        "její světlo nad vodou dosáhne. Strážce nám řekl, že v mlze ji nikdo nevidí, a tak každé "
        "dvě minuty zvoní na zvon."
    ),
    "sk": (
        "Včera večer lampu znova zapálili a my sme vyliezli hore pozrieť sa, ako ďaleko jej svetlo "
        "nad vodou siaha. Strážca nám povedal, že v hmle ju nikto nevidí, a preto každé dve minúty "
        "zvonia na zvon."
    ),
    "sl": (
        "Sinoči so spet prižgali svetilko in mi smo splezali gor, da bi videli, kako daleč nad vodo "
        "seže njena svetloba. Svetilničar nam je povedal, da je v megli nihče ne vidi, zato vsaki "
        "dve minuti zvonijo."
    ),
    "hr": (
        "Sinoć je svjetiljka ponovno upaljena i popeli smo se vidjeti koliko daleko njezina "
        "svjetlost seže nad vodom. Svjetioničar nam je rekao da je u magli nitko ne vidi, pa svake "
        "dvije minute zvone."
    ),
    "sr": (
        "Синоћ је лампа поново упаљена и попели смо се да видимо колико далеко њена светлост допире "
        "преко воде. Чувар нам је рекао да је у магли нико не види, па сваке две минуте звоне."
    ),
    "bg": (
        "Снощи лампата беше запалена отново и ние се качихме да видим докъде стига светлината ѝ над "
        "водата. Пазачът ни каза, че в мъгла никой не я вижда, затова на всеки две минути бият "
        "камбана."
    ),
    "mk": (
        "Синоќа ламбата беше повторно запалена и ние се качивме да видиме до каде допира нејзината "
        "светлина над водата. Чуварот ни рече дека во магла никој не ја гледа, па на секои две "
        "минути ѕвонат."
    ),
    "uk": (
        "Учора ввечері лампу знову запалили, і ми піднялися нагору подивитися, як далеко її світло "
        "сягає над водою. Доглядач розповів нам, що в тумані її ніхто не бачить, тому кожні дві "
        "хвилини дзвонять у дзвін."
    ),
    "be": (
        "Учора ўвечары лампу зноў запалілі, і мы падняліся наверх паглядзець, як далёка яе святло "
        "сягае над вадой. Наглядчык расказаў нам, што ў тумане яе ніхто не бачыць, таму кожныя дзве "
        "хвіліны звоняць у звон."
    ),
    "fi": (
        "Eilen illalla lamppu sytytettiin taas, ja me kiipesimme ylös katsomaan, kuinka kauas sen "
        "valo yltää veden yllä. Majakanvartija kertoi meille, ettei sitä sumussa näe kukaan, joten "
        "he soittavat kelloa kahden minuutin välein."
    ),
    "et": (
        "Eile õhtul süüdati lamp uuesti ja me ronisime üles vaatama, kui kaugele selle valgus üle "
        "vee ulatub. Tornivaht rääkis meile, et udus ei näe seda keegi, nii et nad löövad iga kahe "
        "minuti järel kella."
    ),
    "lv": (
        "Vakar vakarā lampu atkal iededza, un mēs uzkāpām augšā paskatīties, cik tālu tās gaisma "
        "sniedzas pāri ūdenim. Uzraugs mums stāstīja, ka miglā to neviens neredz, tāpēc ik pēc "
        "divām minūtēm zvana zvanu."
    ),
    "lt": (
        "Vakar vakare lempa vėl buvo uždegta, ir mes užlipome aukštyn pažiūrėti, kaip toli jos "
        "šviesa siekia virš vandens. Prižiūrėtojas mums pasakė, kad rūke jos niekas nemato, todėl "
        "kas dvi minutes skambina varpu."
    ),
    "hu": (
        "Tegnap este újra meggyújtották a lámpát, és felmentünk megnézni, milyen messzire ér a "
        "fénye a víz fölött. Az őr elmondta nekünk, hogy ködben senki sem látja, ezért "
        "kétpercenként harangoznak."
    ),
    "tr": (
        "Dün gece lamba yeniden yakıldı ve ışığının suyun üzerinde ne kadar uzağa ulaştığını görmek "
        "için yukarı çıktık. Bekçi bize siste onu kimsenin görmediğini, bu yüzden iki dakikada bir "
        "çan çaldıklarını söyledi."
    ),
    "az": (
        "Dünən axşam lampa yenidən yandırıldı və biz onun işığının suyun üzərində nə qədər uzağa "
        "çatdığını görmək üçün yuxarı qalxdıq. Gözətçi bizə dedi ki, dumanda onu heç kim görmür, "
        "ona görə də iki dəqiqədən bir zəng çalırlar."
    ),
    "vi": (
        "Tối qua ngọn đèn lại được thắp lên và chúng tôi trèo lên xem ánh sáng của nó chiếu xa đến "
        "đâu trên mặt nước. Người gác đèn nói với chúng tôi rằng trong sương mù không ai thấy nó, "
        "nên cứ hai phút họ lại đánh chuông."
    ),
    "id": (
        "Tadi malam lampu itu dinyalakan lagi dan kami naik ke atas untuk melihat seberapa jauh "
        "cahayanya menjangkau di atas air. Penjaga mercusuar bercerita kepada kami bahwa dalam "
        "kabut tidak ada yang melihatnya."
    ),
    "ms": (
        "Malam tadi lampu itu dinyalakan semula dan kami naik ke atas untuk melihat sejauh mana "
        "cahayanya sampai di atas air. Penjaga rumah api memberitahu kami bahawa dalam kabus tiada "
        "sesiapa yang nampak."
    ),
    "fil": (
        "Kagabi ay muling sinindihan ang lampara at umakyat kami para makita kung gaano kalayo ang "
        "abot ng ilaw nito sa ibabaw ng tubig. Sinabi sa amin ng bantay na kapag may ulap ay walang "
        "nakakakita nito."
    ),
    "sw": (
        "Jana usiku taa iliwashwa tena na tulipanda juu kuona mwanga wake unafika umbali gani juu "
        "ya maji. Mlinzi alituambia kwamba kwenye ukungu hakuna anayeiona, kwa hiyo wanapiga "
        "kengele kila baada ya dakika mbili."
    ),
    "cy": (
        "Neithiwr cafodd y lamp ei chynnau eto ac fe ddringon ni i fyny i weld pa mor bell mae ei "
        "golau yn cyrraedd dros y dŵr. Dywedodd y ceidwad wrthym nad oes neb yn ei gweld mewn niwl."
    ),
    "ga": (
        "Aréir lasadh an lampa arís agus dhreapamar suas go bhfeicfimis cé chomh fada is a "
        "shroicheann a solas thar an uisce. Dúirt an coimeádaí linn nach bhfeiceann aon duine í sa "
        "cheo."
    ),
    "eu": (
        "Bart gauean lanpara berriz piztu zuten eta gora igo ginen haren argia ur gainean noraino "
        "iristen den ikustera. Zaindariak esan zigun lainoarekin inork ez duela ikusten, eta "
        "horregatik kanpai bat jotzen dutela."
    ),
    "sq": (
        "Mbrëmë llamba u ndez përsëri dhe ne u ngjitëm lart për të parë se sa larg arrin drita e "
        "saj mbi ujë. Roja na tha se në mjegull askush nuk e sheh, prandaj bien një këmbanë çdo dy "
        "minuta."
    ),
    "ar": (
        "أضيء المصباح مرة أخرى الليلة الماضية وصعدنا إلى الأعلى لنرى إلى أي مدى يصل ضوؤه فوق الماء. "
        "قال لنا الحارس إن أحدا لا يراه في الضباب، ولذلك يقرعون جرسا كل دقيقتين."
    ),
    "fa": (
        "دیشب چراغ دوباره روشن شد و ما بالا رفتیم تا ببینیم نورش تا کجا روی آب می‌رسد. نگهبان به ما "
        "گفت که در مه هیچ‌کس آن را نمی‌بیند، برای همین هر دو دقیقه زنگی به صدا در می‌آورند."
    ),
    "ur": (
        "کل رات چراغ دوبارہ جلایا گیا اور ہم یہ دیکھنے کے لیے اوپر چڑھے کہ اس کی روشنی پانی پر کتنی "
        "دور تک جاتی ہے۔ نگران نے ہمیں بتایا کہ دھند میں اسے کوئی نہیں دیکھتا، اس لیے وہ ہر دو منٹ "
        "بعد گھنٹی بجاتے ہیں۔"
    ),
    "mr": (
        "काल रात्री दिवा पुन्हा लावला गेला आणि त्याचा प्रकाश पाण्यावर किती दूर जातो हे पाहण्यासाठी "
        "आम्ही वर चढलो. रखवालदाराने आम्हाला सांगितले की धुक्यात तो कोणालाही दिसत नाही."
    ),
    "kk": (
        "Кеше кешке шам қайтадан жағылып, біз оның жарығы су үстінде қаншалықты алысқа жететінін "
        "көру үшін жоғары көтерілдік. Күзетші бізге тұманда оны ешкім көрмейтінін айтты."
    ),
    "is": (
        "Í gærkvöldi var kveikt aftur á lampanum og við klifruðum upp til að sjá hversu langt "
        "ljósið nær yfir vatnið. Vitavörðurinn sagði okkur að enginn sæi það í þoku, svo þeir "
        "hringja bjöllu á tveggja mínútna fresti."
    ),
}
