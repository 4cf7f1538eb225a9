"""Who and what the demo portal knows: two municipalities, their course, activity and made-up people."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lti_tool.demo_portal.gradebook import LINE_ITEM_MAXIMUM

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
LEARNER = (f"{MEMBERSHIP}Learner",)
INSTRUCTOR = (f"{MEMBERSHIP}Instructor",)
# The three roles that a real Moodle sends for its administrator, in its order.
ADMINISTRATOR = (
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
    f"{MEMBERSHIP}Instructor",
    "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",
)
ROLE_WORDS = {LEARNER: "medewerker", INSTRUCTOR: "docent", ADMINISTRATOR: "beheerder"}

FICTITIOUS_COLLEAGUES = 24


@dataclass(frozen=True)
class Person:
    """Somebody with an account in the portal; nobody here exists."""

    id: str
    given_name: str
    family_name: str
    roles: tuple[str, ...] = LEARNER
    in_the_list: bool = False
    """One of the fictitious colleagues whom the demo drives, shown folded away."""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def username(self) -> str:
        return self.name.lower().replace(" ", ".")

    @property
    def role_word(self) -> str:
        """The Dutch word for the role on the portal's pages."""
        return ROLE_WORDS[self.roles]

    @property
    def may_teach(self) -> bool:
        return self.roles != LEARNER


@dataclass(frozen=True)
class Activity:
    """An LTI link on a course page, with a column in the gradebook unless there is no line item."""

    id: str
    title: str
    description: str
    line_item_id: str | None
    custom: Mapping[str, str] = field(default_factory=dict)
    score_maximum: float = LINE_ITEM_MAXIMUM
    resource_id: str = ""
    tag: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Tool:
    """A registration that an administrator of the course had made, with an activity of its own."""

    client_id: str
    deployment_id: str
    scopes: frozenset[str]
    activity: Activity


@dataclass(frozen=True)
class Course:
    """A municipality's course, and its registration of the tool (client and deployment)."""

    id: str
    municipality: str
    mail_domain: str
    label: str
    title: str
    client_id: str
    deployment_id: str
    activities: tuple[Activity, ...]
    people: tuple[Person, ...]
    tools: tuple[Tool, ...] = ()
    """Registered besides the one that the course came with."""

    @property
    def all_activities(self) -> tuple[Activity, ...]:
        return (*self.activities, *(tool.activity for tool in self.tools))

    def views(self) -> Iterator[Course]:
        """The course as each registration knows it: with its own client, deployment and activities."""
        yield replace(self, tools=())
        for tool in self.tools:
            yield replace(
                self,
                client_id=tool.client_id,
                deployment_id=tool.deployment_id,
                activities=(tool.activity,),
                tools=(),
            )

    @property
    def columns(self) -> tuple[Activity, ...]:
        """The activities with a column in the gradebook."""
        return tuple(activity for activity in self.all_activities if activity.line_item_id is not None)

    def email_of(self, person: Person) -> str:
        return f"{person.username}@{self.mail_domain}"

    def activity(self, activity_id: str) -> Activity | None:
        return next((a for a in self.activities if a.id == activity_id), None)

    def person(self, person_id: str) -> Person | None:
        return next((p for p in self.people if p.id == person_id), None)


@dataclass
class Directory:
    """All courses of the portal. Ids of people and activities are unique over all of them."""

    courses: tuple[Course, ...]
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add_activities(self, course_id: str, chosen: Sequence[Activity]) -> tuple[Activity, ...]:
        """Put activities on a course page under new ids; one whose line item id is not None gets a column."""
        with self._lock:
            last = max(int(activity.id) for course in self.courses for activity in course.activities)
            added = tuple(
                replace(activity, id=str(number), line_item_id=activity.line_item_id and str(number + 10))
                for number, activity in enumerate(chosen, last + 1)
            )
            self.courses = tuple(
                replace(course, activities=course.activities + added) if course.id == course_id else course
                for course in self.courses
            )
        return added

    def course(self, course_id: str) -> Course | None:
        return next((c for c in self.courses if c.id == course_id), None)

    def course_of_client(self, client_id: str) -> Course | None:
        """The course as that registration knows it."""
        return next((v for c in self.courses for v in c.views() if v.client_id == client_id), None)

    def find_person(self, person_id: str) -> tuple[Course, Person] | None:
        return next(((c, p) for c, p in self._everybody() if p.id == person_id), None)

    def find_activity(self, activity_id: str) -> tuple[Course, Activity] | None:
        """The activity, with its course as the registration of the activity knows it."""
        views = (view for course in self.courses for view in course.views())
        return next(((v, a) for v in views for a in v.activities if a.id == activity_id), None)

    def add_tool(self, course_id: str, tool: Tool) -> None:
        """One more registration in a course."""
        with self._lock:
            self.courses = tuple(
                replace(c, tools=(*c.tools, tool)) if c.id == course_id else c for c in self.courses
            )

    def _everybody(self) -> Iterator[tuple[Course, Person]]:
        return ((course, person) for course in self.courses for person in course.people)


def demo_directory() -> Directory:
    """The two municipalities of the demo."""
    colleagues = tuple(
        Person(str(200 + n), "fictieve", f"collega {n}", in_the_list=True)
        for n in range(1, FICTITIOUS_COLLEAGUES + 1)
    )
    voorbeeldstad = Course(
        id="2",
        municipality="Gemeente Voorbeeldstad",
        mail_domain="voorbeeldstad.example",
        label="DV101",
        title="Digitaal vaardig op je werk",
        client_id="voorbeeldstad-7Kq2mTz4Xn",
        deployment_id="1",
        activities=(
            Activity("1", "Ontdek wat je al kunt", "Vragen die zich aan jou aanpassen, en een tip.", "11"),
        ),
        people=(
            Person("101", "Sanne", "de Boer"),
            Person("102", "Youssef", "el Idrissi"),
            Person("103", "Marijke", "Visser", INSTRUCTOR),
            Person("104", "Ton", "Bakker", ADMINISTRATOR),
            *colleagues,
        ),
    )
    kleindorp = Course(
        id="3",
        municipality="Gemeente Kleindorp",
        mail_domain="kleindorp.example",
        label="DIGI",
        title="Digivaardig in Kleindorp",
        client_id="kleindorp-p9Rw3LcV8s",
        deployment_id="2",
        activities=(
            Activity("2", "Ontdek wat je al kunt", "Vragen die zich aan jou aanpassen, en een tip.", "12"),
        ),
        people=(
            Person("301", "Anneke", "Smit"),
            Person("302", "Bart", "Jansen"),
            Person("303", "Chantal", "Peters"),
            Person("304", "Dirk", "Mulder"),
            Person("305", "Emine", "Yilmaz"),
            Person("306", "Frits", "Bos"),
            Person("307", "Greetje", "van Dam", INSTRUCTOR),
        ),
    )
    return Directory((voorbeeldstad, kleindorp))
