"""Unicode's data about sentences: terminals, closing punctuation, and abbreviations by language.

TERMINALS and WIDE are the property Sentence_Terminal of the Unicode Character Database (17.0, PropList.txt),
CLOSERS the general categories Pe, Pf and Pi. CLDR is the sentence-break suppressions of the Common Locale
Data Repository (46.1) as published by cldr-json (`cldr-segments-full/segments/*/suppressions.json`), complete
and unchanged. Copyright © 2004-2024 Unicode, Inc., under the Unicode License V3, whose notice is in LICENSE.
Loaded for `--flush-on sentence` only.
"""

from __future__ import annotations

import re


def characters(ranges: str) -> str:
    """Return every character in the ranges, which are written as in a regular expression's class."""

    def spell_out(pair: re.Match[str]) -> str:
        return "".join(map(chr, range(ord(pair[1]), ord(pair[2]) + 1)))

    return re.sub("(.)-(.)", spell_out, ranges)


# Sentence_Terminal except for those in WIDE, and the ellipsis, which Unicode does not include.
TERMINALS = (
    "\u0021\u002e\u003f\u0589\u061d-\u061f\u06d4\u0700-\u0702\u07f9\u0837\u0839\u083d\u083e"
    "\u0964\u0965\u104a\u1362\u1367\u1368\u166e\u1735\u1736\u1803\u1809\u1944\u1945\u1aa8-\u1aab"
    "\u1b4e\u1b4f\u1b5a\u1b5b\u1b5e\u1b5f\u1b7d-\u1b7f\u1c3b\u1c3c\u1c7e\u1c7f\u2024\u2026"
    "\u203c\u203d\u2047-\u2049\u2cf9-\u2cfb\u2e2e\u2e3c\u2e53\u2e54\ua4ff\ua60e\ua60f\ua6f3\ua6f7"
    "\ua876\ua877\ua8ce\ua8cf\ua92f\ua9c8\ua9c9\uaa5d-\uaa5f\uaaf0\uaaf1\uabeb\U00010a56\U00010a57"
    "\U00010f55-\U00010f59\U00010f86-\U00010f89\U00011047\U00011048\U000110be-\U000110c1"
    "\U00011141-\U00011143\U000111c5\U000111c6\U000111cd\U000111de\U000111df\U00011238\U00011239"
    "\U0001123b\U0001123c\U000112a9\U000113d4\U000113d5\U0001144b\U0001144c\U000115c2\U000115c3"
    "\U000115c9-\U000115d7\U00011641\U00011642\U0001173c-\U0001173e\U00011944\U00011946"
    "\U00011a42\U00011a43\U00011a9b\U00011a9c\U00011c41\U00011c42\U00011ef7\U00011ef8"
    "\U00011f43\U00011f44\U00016a6e\U00016a6f\U00016af5\U00016b37\U00016b38\U00016b44"
    "\U00016d6e\U00016d6f\U00016e98\U0001bc9f\U0001da88"
)
# Terminals not followed by white space, because their script has none between words: Chinese and Japanese,
# Khmer, Burmese.
WIDE = "\u104b\u17d4\u17d5\u2e60\u2e61\u3002\ufe12\ufe15\ufe16\ufe52\ufe56\ufe57\uff01\uff0e\uff1f\uff61"
# Pe, Pf, Pi.
CLOSERS = (
    "\u0029\u005d\u007d\u00ab\u00bb\u0f3b\u0f3d\u169c\u2018\u2019\u201b-\u201d\u201f\u2039\u203a"
    "\u2046\u207e\u208e\u2309\u230b\u232a\u2769\u276b\u276d\u276f\u2771\u2773\u2775\u27c6\u27e7\u27e9"
    "\u27eb\u27ed\u27ef\u2984\u2986\u2988\u298a\u298c\u298e\u2990\u2992\u2994\u2996\u2998\u29d9\u29db"
    "\u29fd\u2e02-\u2e05\u2e09\u2e0a\u2e0c\u2e0d\u2e1c\u2e1d\u2e20\u2e21\u2e23\u2e25\u2e27\u2e29"
    "\u2e56\u2e58\u2e5a\u2e5c\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301b\u301e\u301f\ufd3e"
    "\ufe18\ufe36\ufe38\ufe3a\ufe3c\ufe3e\ufe40\ufe42\ufe44\ufe48\ufe5a\ufe5c\ufe5e\uff09\uff3d\uff5d"
    "\uff60\uff63"
)

# Entries are separated by a comma and white space; some contain a space ("z. B.").
CLDR = {
    "de": """
        A., a.a.O., a.a.S., a.D., A.M., a.M., a.Rh., Abs., Abt., Abw., Adj., Adr., Akt., Allg., Alt.,
        am., amtl., App., Apr., Art., Aug., Ausg., Ausschl., B., b., Bed., beil., Ben., Ber., Best.,
        Bibl., C., Ca., Chin., Chr., Co., D., D. h., d.J., d.Ä., Dat., Dez., Di., Dim., Dipl.-Ing.,
        Dipl.-Kfm., Dir., Do., Dr., Dtzd., e.h., e.V., e.Wz., ehem., eigtl., Einh., einschl., entspr.,
        Erf., erw., ev., Evtl., evtl., exkl., F., F.f., Fa., Fam., Feb., Fn., Folg., Forts. f., Fr.,
        Frl., frz., G., geb., Gebr., gedr., gek., Gem., Geograph., Ges., Gesch., gesch., gest., Ggf.,
        ggf., ggfs., Hbf., hpts., Hptst., Hr., Hrn., Hrsg., I., i.A., i.B., i.H., i.J., i.R., i.V.,
        Inc., Ing., Inh., inkl., Int., J., J.D., Jahrh., Jan., jew., jhrl., Jr., k. u. k., k.u.k., Kap.,
        kath., Kfm., kfm., kgl., Kl., Konv., Kop., L., led., Ltd., M., m.E., m.W., Max., Mi., Min.,
        Mind., Mio., Mo., Mod., Mrd., Msp., mtl., möbl., N., n. Chr., n.u.Z., Nov., Nr., näml., O.,
        o.A., o.B., o.g., Obj., od., Okt., Op., P., p.Adr., P.M., Pfd., Phys., PIN., Port., Prot.,
        Proz., Qu., R., r., Rd., Reg., Reg.-Bez., Rel., Rep., röm., röm.-kath., s., S.A., s.a., Sa.,
        schles., Schr., schweiz., schwäb., Sek., Sep., Sept., So., sog., Spezif., St., Std., StR., Str.,
        südd., T., Tel., Temp., Test., Trans., Tägl., tägl., U., u., U. U., u. Z., u.a., u.A.w.g., U.S.,
        U.S.A., U.U., u.U., u.v.a., u.Ä., u.ä., Urspr., Ursprüngl., v. Chr., v. H., v. u. Z., v.Chr.,
        v.H., v.R.w., v.T., v.u.Z., Verf., verh., verw., Vgl., vgl., W., Wg., Y., Z., z., Z. B., Z. Zt.,
        z.B., z.Hd., z.Z., Ztr., zzgl., österr.
    """,
    "en": """
        A., A.D., A.M., a.m., A.S., AA., AB., Abs., Act., AD., Adj., Adv., All., Alt., Approx., As.,
        Aug., B., B.V., By., C.F., C.O.D., Cap., Capt., Card., Col., Comm., Conn., Cont., D., D.A.,
        D.C., DC., Dec., Def., Dept., Diff., Do., E., E.G., E.g., Ed., Est., Etc., Ex., Exec., exec.,
        F., Feb., Fn., Fri., G., Gb., Go., Hat., Hon.B.A., Hz., I., I.D., I.e., I.T., Id., In., Is.,
        J.B., J.D., J.K., Jam., Jan., Job., Joe., Jun., K., K.R., Kb., L., L.A., L.P., Lev., Lib.,
        Link., Long., Lt., Lt.Cdr., M., M.I.T., M.R., M.T., Maj., Mar., Mart., Mb., Md., Mgr., Min.,
        Misc., MR., Mr., Mrs., Ms., Mt., N.V., N.Y., Nov., Nr., Num., O., OK., Ok., On., Op., Or., Org.,
        P.M., P.O., P.V., PC., Ph.D., Phys., PP., pp., Pro., Prof., Pvt., Q., R.L., R.T., Rep., Rev.,
        S., S.A., S.A.R., S.E., S.p.A., Sep., Sept., Sgt., Sq., T., To., U., U.S., U.S.A., U.S.C., Up.,
        Var., VS., vs., X., Yr., Z.
    """,
    "es": """
        a. C., a. e. c., A.C., AA., abr., afma., afmas., afmo., afmos., ago., All., Ant., Av., Avda.,
        bco., Bien., bol., C., C.P., C.S., C.V., c/c., CA., cap., cf., cfr., Col., col., Comm., Corp.,
        Cía., D., d. C., Da., DC., depto., deptos., Desc., Desv., dic., doc., dom., dpto., dptos., Dr.,
        Dra., Drs., Dto., dtor., Dª., Dña., e. c., e.g., ed., ej., Em., Emm., ene., Exc., Excma.,
        Excmas., Excmo., Excmos., Exma., Exmas., Exmo., Exmos., Fabric., feb., FF.CC., fig., figs., Fr.,
        fund., H.P., hnos., Id., Ilma., Ilmas., Ilmo., Ilmos., Inc., JJ.OO., jue., jul., jun., K., Kit.,
        Korn., L., Lcda., Lcdo., Lda., Ldo., Lic., licda., licdo., Ltd., Ltda., Ltdo., lun., M., mar.,
        may., mié., MM., Mons., Mr., Mrs., ms., mss., mtro., nov., ntra., ntro., O.M., oct., p.ej., PP.,
        prof., prov., R.D., R.U., RAM., Rdo., Rdos., Reg., Rev., Rol., RR.HH., Rvdmo., Rvdmos., Rvdo.,
        Rvdos., SA., Sdad., Seg., sept., Sol., Sr., Sra., Sras., sras., Sres., sres., srs., Srta.,
        Srtas., ss., SS.AA., SS.MM., Sta., Sto., sáb., Trab., trad., U.S., U.S.A., v.gr., Var., Vda.,
        vid., vie., vs.
    """,
    "fr": """
        acoust., adr., All., anc., ann., anon., ap. J.-C., append., aux., av. J.-C., avr., broch.,
        bull., C., cam., categ., coll., collab., Comm., config., D., DC., Desc., dest., dict., dim.,
        dir., doc., déc., encycl., exempl., fig., févr., gouv., graph., hôp., ill., illustr., imm.,
        imprim., Inc., indus., janv., jeu., Jr., juil., L., lun., M., mar., Mart., mer., MM., niv.,
        nov., oct., Op., P., P.-D. G., P.O., Prof., quart., réf., S.A., S.M.A.R.T., sam., sept., symb.,
        synth., syst., trav. publ., U., U.S., U.S.A., Var., ven., voit., W., éd., édit., équiv., éval.
    """,
    "it": """
        a.C., ag., all., arch., avv., c.c.p., C.P., Cfr., D., d.C., d.p.R., DC., div., dott., dr., fig.,
        Geom., Ing., int., L., Liv., Ltd., mitt., Mod., N.B., N.d.A., N.d.E., N.d.T., O.d.G., on., p.,
        p.i., pag., rag., S.A.R., S.M.A.R.T., S.p.A., sez., Sig., tab., tav., U.S., U.S.A., ver., vol.
    """,
    "pt": """
        A.C., a.C., A.M, a.m., abr., abrev., adm., aer., ago., agric., Alm., anat., ap., apart., apt.,
        arit., arqueol., arquit., astron., autom., aux., Av., biogr., bras., cap., caps., cat., cel.,
        cf., col., com., comp., compl., cont., contab., créd., cx., círc., cód., D.C, d.C., des., desc.,
        dez., dipl., Dir., dir., div., doc., Dr., Dra., Dras., Drs., déb., E., ed., educ., elem.,
        eletr., eletrôn., end., eng., esp., Est., ex., Exma., Exmo., f., fac., fasc., fem., fev., ff.,
        fig., fil., filos., fisiol., fl., fot., Fr., fr., fís., geom., gram., gên., hist., Ilma., Ilmo.,
        ind., ingl., jan., Jr., jul., jun., jur., l., lat., lin., lit., liter., long., Ltd., Ltda.,
        mai., Mar., mar., mat., matem., mov., máq., méd., mús., N.Sra., N.T., neol., nov., náut., obs.,
        odont., odontol., org., organiz., out., p., p. ex., P.M., p.m., pal., Pe., Ph.D., pol., port.,
        pp., pq., prod., prof., profa., pron., próx., psicol., pág., quím., R., r.s.v.p., ref., rel.,
        relat., rementente, rep., res., rod., S., S.A., set., sociol., Sta., Sto., sup., séc., símb.,
        tec., tecnol., tel., trad., transp., univ., V.T., vol., vs., W.C., álg., índ.
    """,
    "ru": """
        авг., апр., дек., до н. э., кв., н. э., н.э., нояб., окт., отд., проф., руб., сент., тел., тыс.,
        ул., февр., янв.
    """,
}

# Those that, without their full stop, are also words that end sentences ("the end.", "c'est la vie."). In
# their own language they always count as abbreviations; in any other, the text after them decides.
ALSO_WORDS = """
    aa ab abs act ad ag ago all alm alt am ann anon ant ap apart app arch art as aux bed ben ber best bien
    bol bras bull by ca cam cap caps card cat cel chin com comp config conn cont da dat dc def des desc
    di dic diff dim dir div do doc dom ed elem em end eng esp est ev ex exec fa fac fam fem ff fil fl fri
    fund gb gem ges gesch gest go gram graph hat hist hz id ill in ind int is jam jeu job joe kb kit korn
    lat led lev lib lin link lit liter long lun mai mar mart mat max may mb md mer mi min mind mio misc mm
    mod mons mov niv num obj ok on op or org out pal pc pe pin pol port pro prod prot prov qu quart rag ram
    ref reg rel rep res rod rol sa sam schweiz seg sek set so sol sta sto sup synth tab temp test to trab
    trans up var ven ver vid vie voit руб тыс
"""

# Abbreviations missing from CLDR but common in running text, in lower case.
BEYOND_CLDR = """
    abb assn ave b.sc bd blvd bros bzw eq eqs ext figs ft gen gov m.sc messrs mlle mme mx nos pres sec sen
    thur thurs tue tues usw vols рис см стр
"""
