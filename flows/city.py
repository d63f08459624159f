"""The city that consults: its names, its plan, its areas, what it does abroad, its words.

Plain values; `flows.instance` parses them from the texts of the instance folder.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from flows.codebook import Codebook
from flows.daytime import Calm
from flows.languages import LocalText
from flows.margins import Margin


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An axis of the development plan."""

    code: str
    label: LocalText


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """An objective of the plan, inside an axis."""

    code: str
    label: LocalText
    axis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme offered for ranking, tied to objectives; `global_code` is a tag to compare."""

    code: str
    label: LocalText
    objectives: tuple[str, ...]
    description: LocalText = field(default_factory=dict)
    global_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The development plan that the consultation feeds."""

    name: LocalText
    axes: tuple[Axis, ...]
    objectives: tuple[Objective, ...]
    themes: tuple[Theme, ...]
    is_approved: bool = False

    def axes_of(self, theme_code: str) -> tuple[str, ...]:
        """The axes that a theme's objectives belong to, in the plan's order."""
        axis_of = {o.code: o.axis for o in self.objectives}
        theme = next((t for t in self.themes if t.code == theme_code), None)
        wanted = {axis_of[o] for o in theme.objectives if o in axis_of} if theme else set()
        return tuple(a.code for a in self.axes if a.code in wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A part of the city (comuna, barrio, corregimiento)."""

    code: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something the city does abroad: what, at which cost, and who benefits."""

    action: LocalText
    cost: str
    benefits: LocalText
    year: str = ""


PLANES = ("PLa", "PLb", "PLc", "PLd")
"""Investment, international cooperation, tourism and culture, business and foreign trade
(handbook, Paso 2): the four planes of the actor map."""
ACTOR_ROLES = ("historic", "potential", "emerging")
"""What an actor of the map is to the city's international action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedActor:
    """One actor of the city's own map; `actor_type` may be empty. Internal by default."""

    name: str
    actor_type: str
    planes: tuple[str, ...]
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """k: the smallest row that is shown; `sector_minimum`: voices that make a sector covered."""

    public: int = 10
    internal: int = 5
    sector_minimum: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a message costs: channel, then category, then country (`default` for the others)."""

    currency: str = ""
    rates: Mapping[str, Mapping[str, Mapping[str, Decimal]]] = field(default_factory=dict)

    def of(self, channel: str, category: str, country: str) -> Decimal | None:
        """The price of one message; None when nobody has said it."""
        rates = self.rates.get(channel, {}).get(category, {})
        return rates.get(country, rates.get("default"))


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Who consults. `made_up` marks every screen and page with DATOS INVENTADOS."""

    name: LocalText
    territory: LocalText
    government: LocalText
    country: str
    time_zone: ZoneInfo
    locale: str
    languages: tuple[str, ...]
    minimum_age: Mapping[str, int]
    thresholds: Thresholds
    diaspora_programme: LocalText
    division: LocalText
    contact: str = ""
    youth_link: str = ""
    url: str = ""
    made_up: bool = False
    silence_periods: tuple[tuple[date, date], ...] = ()
    quiet_weekdays: frozenset[int] = frozenset()
    quiet_dates: frozenset[str] = frozenset()
    reminder_days: tuple[int, ...] = (3, 7)
    """Days of nothing heard before the first reminder, and from it to the second; empty: none."""
    prices: Prices = Prices()
    words: Mapping[str, LocalText] = field(default_factory=dict)

    def minimum_age_in(self, country: str | None) -> int:
        """The age from which a person in `country` may answer; the default if unknown."""
        return self.minimum_age.get(country or "", self.minimum_age["default"])

    def calm(self, lifted: Container[str] = ()) -> Calm:
        """When nobody is written to unasked. `lifted`: first days of silences that were lifted."""
        return Calm(
            city=self.time_zone,
            silence=tuple(p for p in self.silence_periods if p[0].isoformat() not in lifted),
            weekdays=self.quiet_weekdays,
            dates=self.quiet_dates,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorType:
    """One of the 28 actor types (handbook, Recuadro 11); its sector is before the point."""

    code: str
    label: LocalText

    @property
    def sector(self) -> str:
        """The code of the sector it belongs to."""
        return self.code.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """One of the seven sectors."""

    code: str
    label: LocalText


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityGroup:
    """One of the five groups, or of the three not to forget, and the types it gathers (RC7)."""

    code: str
    label: LocalText
    actor_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actors:
    """The inventory of audiences."""

    sectors: tuple[Sector, ...]
    types: tuple[ActorType, ...]
    groups: tuple[PriorityGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemWords:
    """What the conversation itself says, in four languages.

    `keywords`: keyword name to the words that mean it, per language. `strings`: code (FIN_NO,
    NO_ENTENDI…) to text with {placeholders}. `states`: reply state to label.
    """

    keywords: Mapping[str, Mapping[str, tuple[str, ...]]]
    strings: Mapping[str, LocalText]
    states: Mapping[str, LocalText]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """Everything the instance folder says, parsed; consultations come bound separately."""

    city: City
    plan: Plan
    areas: tuple[Area, ...]
    actions: tuple[Action, ...]
    actors: Actors
    words: SystemWords
    countries: Mapping[str, LocalText]
    """ISO 3166 alpha-2 code to the country's name per language."""
    margins: tuple[Margin, ...] = ()
    """Known margins to weight by; without any nothing is weighted."""
    zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """ISO 3166 alpha-2 code to the names of its time zones."""
    actor_map: tuple[MappedActor, ...] = ()
    codebook: Codebook = field(default_factory=dict)
