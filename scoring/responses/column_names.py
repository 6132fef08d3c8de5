"""What columns are called, in English, Korean and the other usual languages."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from common.files.csv_files import DataError

# Numbers of rows, which are ids where nothing better is there.
_ROW_NUMBERS = {
    *("", "id", "no", "nr", "num", "number", "index", "idx", "row", "rowid", "rownames"),
    *("rownumber", "unnamed0", "obs", "seq", "caseid", "case", "caseno", "casenumber"),
    *("번호", "순번", "연번", "일련번호", "아이디", "식별자", "식별번호", "序号", "编号", "番号"),
}
_PERSONS = {
    *("person", "personid", "personnr", "student", "studentid", "studentno", "studentnumber"),
    *("studentname", "stuid", "sid", "examinee", "examineeid", "subject", "subjectid", "subj"),
    *("subjid", "subjectno", "participant", "participantid", "participantno", "partid", "pid"),
    *("ppt", "pptid", "ppid", "respondent", "respondentid", "respid", "rid", "candidate"),
    *("candidateid", "candidateno", "candidatenumber", "pupil", "pupilid", "learner", "learnerid"),
    *("testtaker", "testtakerid", "testee", "user", "userid", "uid", "username", "login", "name"),
    *("fullname", "firstname", "lastname", "surname", "email", "child", "childid", "patient"),
    *("patientid", "client", "clientid", "worker", "workerid", "prolificpid", "prolificid"),
    *("member", "memberid", "player", "playerid", "rater", "raterid", "keyid", "guid", "uuid"),
    *("record", "recordid", "responseid", "sessionid", "session", "ticket", "registration"),
    *(
        "학번",
        "이름",
        "성명",
        "성함",
        "학생",
        "학생id",
        "학생명",
        "학생번호",
        "학생이름",
        "수험번호",
    ),
    *("수험번호", "수험생", "수험생번호", "응시자", "응시자id", "응시번호"),
    *(
        "응답자번호",
        "참가자",
        "참가자id",
        "참가자번호",
        "참여자",
        "참여자id",
        "참여자번호",
        "피험자",
    ),
    *("피험자id", "피험자번호", "피검자", "대상자", "대상자id", "대상자번호", "사용자", "사용자id"),
    *("회원번호", "등록번호", "사번", "닉네임", "별명", "이메일", "검사자번호", "환자번호"),
    *("vp", "vpn", "vpnr", "vpcode", "versuchsperson", "proband", "probandin", "probandid"),
    *(
        "teilnehmer",
        "teilnehmerin",
        "teilnehmerid",
        "schüler",
        "schueler",
        "schülerin",
        "schuelerid",
    ),
    *("matrikelnummer", "matrikel", "matrnr", "kennung", "kürzel", "elev", "elevid", "deltagare"),
    *("élève", "eleve", "étudiant", "etudiant", "sujet", "participante", "identifiant", "nom"),
    *("alumno", "alumna", "estudiante", "sujeto", "encuestado", "nombre", "matrícula", "matricula"),
    *("aluno", "estudante", "sujeito", "participanteid", "studente", "soggetto", "partecipante"),
    *("matricola", "leerling", "deelnemer", "ученик", "студент", "испытуемый", "участник"),
    *("学号", "姓名", "考号", "准考证号", "学生", "被试", "被试编号", "用户id"),
    *(
        "氏名",
        "名前",
        "受験番号",
        "学籍番号",
        "学生番号",
        "被験者",
        "被験者番号",
        "受験者",
        "参加者",
    ),
}
_ITEMS = {
    *("item", "itemid", "itemno", "itemname", "itemcode", "itemlabel", "question", "questionid"),
    *(
        "questionno",
        "variable",
        "task",
        "taskid",
        "problem",
        "problemid",
        "문항",
        "문항번호",
        "문항코드",
    ),
    *("문항id", "문제", "문제번호", "aufgabe", "frage", "ítem", "pregunta", "题目", "题号", "項目"),
}
_RESPONSES = {
    *("response", "resp", "score", "answer", "answered", "value", "correct", "iscorrect", "rating"),
    *("accuracy", "acc"),
    *("responses", "result", "응답", "점수", "득점", "답", "정오", "정답여부", "채점", "antwort"),
    *("punkte", "réponse", "reponse", "respuesta", "puntaje", "得分", "回答", "得点"),
}
# Those of them that are scored already.
_SCORES = {
    *("score", "correct", "iscorrect", "accuracy", "acc", "result", "점수", "득점", "정오"),
    *("정답여부", "채점", "punkte", "puntaje", "得分", "得点"),
}
_GROUPS = {"group", "groups", "groupid", "grp", "집단", "그룹", "gruppe", "groupe", "grupo", "组"}
# What is told of persons beside their answers, and never is an item.
_OTHERS = {
    *("age", "sex", "gender", "birthday", "birthdate", "class", "classroom", "school", "schoolid"),
    *("grade", "group", "region", "country", "city", "language", "date", "time", "timestamp"),
    *("start", "end", "starttime", "endtime", "duration", "seconds", "minutes", "rt", "form"),
    *("booklet", "version", "weight", "total", "totalscore", "sum", "sumscore", "rawscore", "mean"),
    *(
        "theta",
        "percent",
        "percentage",
        "pct",
        "rank",
        "등수",
        "석차",
        "백분율",
        "성별",
        "나이",
        "연령",
        "생년월일",
        "학교",
        "학년",
        "반",
        "학급",
        "지역",
        "집단",
    ),
    *("날짜", "시간", "시작시간", "종료시간", "소요시간", "총점", "합계", "평균", "가중치"),
    *("geschlecht", "alter", "klasse", "schule", "sexe", "âge", "edad", "sexo", "性别", "年龄"),
    *("性別", "年齢"),
}

_APART = re.compile(r"[\s_.:/#()\[\]-]+")
_ENDS_IN_ID = re.compile(r".*[\s_.-]id|.*[a-z]I[Dd]", re.DOTALL)
_DIGITS = re.compile(r"\d+")


def fold(name: str) -> str:
    """The name as it is compared: without case, blanks and marks between words."""
    return _APART.sub("", unicodedata.normalize("NFKC", name)).casefold()


def names_persons(name: str) -> bool:
    """Whether a column of this name holds ids."""
    return fold(name) in _ROW_NUMBERS | _PERSONS or _ENDS_IN_ID.fullmatch(name) is not None


def names_no_item(name: str) -> bool:
    """Whether a column of this name is about persons, their groups, times or sums."""
    return names_persons(name) or fold(name) in _OTHERS


def person_column(names: Sequence[str]) -> list[int]:
    """Places of the columns that may hold the persons of a long file, the best kind alone."""
    folded = list(map(fold, names))
    for known in (_PERSONS, _ROW_NUMBERS):
        if found := [at for at, name in enumerate(folded) if name in known]:
            return found
    return [
        at
        for at, name in enumerate(names)
        if _ENDS_IN_ID.fullmatch(name) and folded[at] not in _ITEMS
    ]


def item_column(names: Sequence[str]) -> list[int]:
    """Places of the columns that may hold the items of a long file."""
    return [at for at, name in enumerate(map(fold, names)) if name in _ITEMS]


def response_column(names: Sequence[str]) -> list[int]:
    """Places of the columns that may hold the responses of a long file."""
    return [at for at, name in enumerate(map(fold, names)) if name in _RESPONSES]


def without_scores(names: Sequence[str], places: Iterable[int]) -> list[int]:
    """The places of columns that may hold chosen options, which a key turns into scores."""
    return [at for at in places if fold(names[at]) not in _SCORES]


def group_column(names: Sequence[str]) -> list[int]:
    """Places of the columns that may hold the groups of persons."""
    return [at for at, name in enumerate(map(fold, names)) if name in _GROUPS]


def advice_on_ignoring(name: str) -> str:
    """What to do where a column was taken for an item whose name says it is none; else ""."""
    if not names_no_item(name):
        return ""
    return f"; if {name} is no item, --ignore {quoted(name)} leaves it out"


def looks_like(name: str, others: Sequence[str]) -> bool:
    """Whether a name is made as the others are: numbered after one word, or single letters."""
    stems = {_DIGITS.sub("#", fold(other)) for other in others}
    own = fold(name)
    if _DIGITS.sub("#", own) in stems:
        return True
    return len(own) == 1 and all(len(stem) == 1 for stem in stems)


def chosen(names: Sequence[str], patterns: Iterable[str], option: str) -> list[bool]:
    """Which names the patterns choose: a name, `first:last` by place, or `*` and `?` as in a shell.

    Raises `DataError` for a pattern that chooses none.
    """
    marks = [False] * len(names)
    for pattern in patterns:
        found = _places(names, pattern)
        if not found:
            raise DataError(f"{option}: no column is called {pattern!r}; there are {listed(names)}")
        for at in found:
            marks[at] = True
    return marks


def quoted(name: str) -> str:
    """The name as a shell takes it for one word."""
    return f"'{name}'" if " " in name else name


def listed(names: Sequence[str], most: int = 12) -> str:
    """The first names, for a sentence."""
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def _places(names: Sequence[str], pattern: str) -> list[int]:
    if pattern in names:
        return [at for at, name in enumerate(names) if name == pattern]
    first, colon, last = pattern.partition(":")
    if colon and first in names and last in names:
        return list(range(names.index(first), names.index(last) + 1))
    return [at for at, name in enumerate(names) if fnmatchcase(name, pattern)]
