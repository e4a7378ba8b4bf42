//! What may happen to a card by whose hand (`domain.md` §8.2): every event by everybody, for the cards of both packs, as a device
//! could push it, past every form. An event is a fact: late work is never refused for where the card stands by now. Where it leads
//! is computed, and the domain's own table. What phone and desk offer from each state is in the stories.

use chrono::NaiveDate;
use domain::county::PolicyChoice;
use domain::merge::Refusal;
use domain::permit::{EndReason, Issued, PermitEventKind as E, PermitFact, PermitKind, PermitWho};
use domain::permit_standing::{self, Standing};
use domain::{RecordId, kind};
use sync_server::demo::{Draft, Registered};

use crate::transitions::{Tried, WHO, invalid, role};

const TODAY: &str = "2026-09-10";

/// A card of one of the laws, handed out.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Card {
    /// Endorsed year by year.
    Residence2016,
    /// Nine years.
    Residence2009,
    /// Six to thirty-six months.
    Temporary2009,
}
use Card::{Residence2009, Residence2016, Temporary2009};

impl Card {
    fn pack(self) -> &'static str {
        if self == Residence2016 { "zj-2016" } else { "zj-2009" }
    }

    /// From before this register, or given at registration: no application has to go before it.
    fn issued(self) -> Issued {
        let (kind, valid_until, card_no) = match self {
            Residence2016 => (PermitKind::Residence, "", "330822000123"),
            Residence2009 => (PermitKind::Residence, "2035-03-02", "330822000124"),
            Temporary2009 => (PermitKind::Temporary, "2027-03-10", ""),
        };
        Issued {
            kind,
            on: if self == Temporary2009 { TODAY } else { "2026-03-02" }.to_owned(),
            valid_until: valid_until.to_owned(),
            continuity_start: "2026-03-02".to_owned(),
            pack: self.pack().to_owned(),
            card_no: card_no.to_owned(),
        }
    }
}

fn on(text: &str) -> NaiveDate {
    text.parse().expect("a date of the test")
}

/// A save with one event, and its id.
fn event(tried: &mut Tried, login: &str, fact: &PermitFact) -> (RecordId, Vec<Draft>) {
    let draft = tried.pen(login).create(kind::PERMIT_EVENT).with("fact", fact);
    (draft.record, vec![draft])
}

fn standing(tried: &Tried, permit: RecordId) -> (Standing, Option<NaiveDate>) {
    let events = tried.town.core.look(|view| Ok(view.referrers(permit, kind::PERMIT_EVENT)?)).expect("looks");
    let issued: Issued = tried.town.record(permit).typed("issued").expect("a card");
    let events = permit_standing::standing_events(&events);
    let now = permit_standing::now(&issued, &events, &tried.town.rules().book, on(TODAY));
    (now.standing, now.valid_until)
}

fn handed_out(tried: &mut Tried, card: Card, made: Registered) -> RecordId {
    let who = PermitWho { person: made.person, residency: made.residency, application: None };
    let draft = tried.pen("zhou").create(kind::PERMIT).with("who", &who).with("issued", &card.issued());
    let permit = draft.record;
    tried.take("zhou", vec![draft]);
    let (_, drafts) = event(tried, "wang", &PermitFact::new(permit, E::HandOut, TODAY));
    tried.take("wang", drafts);
    assert_eq!(standing(tried, permit).0, Standing::Valid, "{card:?}");
    permit
}

fn fact(permit: RecordId, what: E, reason: Option<EndReason>) -> PermitFact {
    let mut fact = PermitFact { reason, ..PermitFact::new(permit, what, TODAY) };
    if what.is_change() {
        fact.since = "2026-09-01".to_owned();
    }
    if what == E::Renew {
        fact.valid_until = "2028-03-10".to_owned();
    }
    fact
}

/// Everything that can be said of a card, and why it ends in each of the ways it can.
fn said() -> Vec<(E, Option<EndReason>)> {
    let others = E::ALL.iter().copied().filter(|what| !matches!(what, E::Cancel | E::Withdraw)).map(|what| (what, None));
    others.chain(EndReason::ALL.iter().map(|reason| (E::Cancel, Some(*reason)))).collect()
}

#[test]
fn every_event_is_said_by_those_whose_it_is_and_by_nobody_else() {
    let mut tried = Tried::new();
    for card in [Residence2016, Residence2009, Temporary2009] {
        let choice = PolicyChoice { pack: card.pack().to_owned(), from: "2026-01-01".to_owned() };
        tried.town.core.choose_policy(choice).expect("a choice");
        let made = tried.resident();
        let permit = handed_out(&mut tried, card, made);
        let before = (tried.town.record(permit), standing(&tried, permit));
        for (what, reason) in said() {
            let stations =
                matches!(what, E::Reissue | E::Renew) || matches!(reason, Some(EndReason::NotEndorsed | EndReason::Other));
            for login in WHO {
                let name = format!("{login}: {what:?} {reason:?} of {card:?}");
                let expected = match login {
                    // No card but a temporary one runs on: the others are endorsed, or asked for anew.
                    "zhou" if what == E::Renew && card != Temporary2009 => invalid("fact.what"),
                    "zhou" => None,
                    "wang" if stations => role("fact"),
                    "wang" => None,
                    // Whoever may note things down of cards is told no more than that this one is not his.
                    "li" if stations => role("fact"),
                    "li" => Some(Refusal::Scope),
                    "chen" => role("fact"),
                    _ => role(kind::PERMIT_EVENT),
                };
                let (id, drafts) = event(&mut tried, login, &fact(permit, what, reason));
                assert_eq!(tried.attempt(login, drafts), expected, "{name}");
                if expected.is_some() {
                    assert!(!tried.town.knows(id), "{name}: nothing of it stays");
                    assert_eq!((tried.town.record(permit), standing(&tried, permit)), before, "{name}");
                    continue;
                }
                let leads = match what {
                    E::Cancel => (Standing::Ended, before.1.1),
                    E::Reissue => (Standing::ToHandOut, before.1.1),
                    E::Renew => (Standing::Valid, Some(on("2028-03-10"))),
                    // Endorsed before its window opens, or where there is none, it is as it was.
                    _ => before.1,
                };
                assert_eq!(standing(&tried, permit), leads, "{name}");
                // Taken back by whoever may: the station everything, a coordinator what is not the station's word.
                let back = PermitFact { withdraws: Some(id), ..PermitFact::new(permit, E::Withdraw, TODAY) };
                for (other, may) in [("admin", false), ("chen", false), ("li", false), ("wang", !stations), ("zhou", true)] {
                    let (withdrawal, drafts) = event(&mut tried, other, &back);
                    let refused = tried.attempt(other, drafts);
                    assert_eq!(refused.is_none(), may, "{other} takes back {name}: {refused:?}");
                    assert_eq!(tried.town.knows(withdrawal), may, "{other} takes back {name}");
                    assert_eq!(standing(&tried, permit), if may { before.1 } else { leads }, "{other} takes back {name}");
                    if may {
                        break;
                    }
                }
            }
        }
    }
    tried.town.check_sums(&[]);
}

/// A temporary permit runs on by six to thirty-six months, at the latest from its last day.
#[test]
fn a_renewal_ends_where_the_rules_let_it() {
    let mut tried = Tried::new();
    let choice = PolicyChoice { pack: "zj-2009".to_owned(), from: "2026-01-01".to_owned() };
    tried.town.core.choose_policy(choice).expect("a choice");
    let made = tried.resident();
    let permit = handed_out(&mut tried, Temporary2009, made);
    for (until, expected) in [
        ("2027-03-09", invalid("fact.valid_until")),
        ("2030-03-11", invalid("fact.valid_until")),
        ("2027-09-10", None),
        ("2030-09-10", None),
    ] {
        let renewed = PermitFact { valid_until: until.to_owned(), ..PermitFact::new(permit, E::Renew, TODAY) };
        let (_, drafts) = event(&mut tried, "zhou", &renewed);
        assert_eq!(tried.attempt("zhou", drafts), expected, "{until}");
    }
}
