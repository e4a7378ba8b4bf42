//! Asking people about two registrations under one number, and doing what they say.

use std::collections::BTreeSet;

use domain::access::Role;
use domain::duplicate::{DIFFERENT, Pair, PairWhy, Registered, SAME, Settled, pair_id, second_station};
use domain::merge::Refusal;
use domain::place::{self, Place, Scope};
use domain::same::{self, Apart};
use domain::{AccountId, Change, Record, RecordId, kind, record};
use store::StoreError;
use sync_protocol::PushedChange;

use super::conflicts::{STATION, may_read};
use super::save::{Save, Why};
use super::{Ledger, Stop};
use crate::caller;

/// Tells both coordinators and the station of two registrations, except `untold`. Whoever was asked before is not asked again.
///
/// # Errors
/// As the store says.
pub fn tell(
    ledger: &mut Ledger<'_>,
    why: PairWhy,
    first: RecordId,
    second: RecordId,
    untold: Option<AccountId>,
) -> Result<(), StoreError> {
    if decided(ledger, first, second)?.is_some_and(|state| state == DIFFERENT || why == PairWhy::Merged) {
        return Ok(());
    }
    let (Some(one), Some(two)) = (ledger.get(first)?, ledger.get(second)?) else { return Ok(()) };
    let mut addressees: BTreeSet<AccountId> = BTreeSet::from([STATION]);
    let (mut sides, mut areas) = (Vec::new(), Vec::new());
    for person in [&one, &two] {
        let area = place::stored(person).area.unwrap_or_default();
        let origin = person.groups.get("identity").map(|identity| identity.origin);
        let author = origin.map_or(Ok(None), |origin| ledger.author(origin))?;
        let still_theirs = match &author {
            Some(author) if author.role == Role::Coordinator => {
                caller::grants(ledger.write, author)?.contains(&Scope::Area(area.clone()))
            }
            _ => false,
        };
        match &author {
            Some(author) if still_theirs => {
                addressees.insert(author.id);
            }
            _ => addressees.extend(ledger.write.coordinators_of(&area)?),
        }
        sides.push(Registered {
            name: person.text("identity", "name").unwrap_or_default().to_owned(),
            area: area.clone(),
            by: author.map(|author| author.name).unwrap_or_default(),
            at_unix_ms: origin.map_or(0, |origin| origin.stamp.unix_ms()),
        });
        areas.push(area);
    }
    if areas[0] != areas[1] {
        addressees.insert(second_station(&areas[1]));
    }
    if let Some(untold) = untold {
        addressees.remove(&untold);
    }
    let second_copy = second_station(&areas[1]);
    for addressee in addressees {
        let mut pair = Pair {
            why,
            first,
            second,
            first_is: sides[0].clone(),
            second_is: sides[1].clone(),
            area: Some(areas[usize::from(addressee == second_copy)].clone()),
        };
        let stations = addressee == STATION || addressee == second_copy;
        // Each station reads its own village; the other one's name stays there.
        hide(ledger, &mut pair, |ledger, person| {
            if stations {
                Ok(place::stored(person).area == pair_area(addressee, second_copy, &areas))
            } else {
                may_read(ledger, addressee, person, "identity")
            }
        })?;
        put(ledger, addressee, stations, &pair)?;
    }
    Ok(())
}

fn pair_area(addressee: AccountId, second_copy: AccountId, areas: &[String]) -> Option<String> {
    Some(areas[usize::from(addressee == second_copy)].clone())
}

/// Takes the names out that the addressee may not read. That there is somebody, where and by whom, stays.
fn hide(
    ledger: &Ledger<'_>,
    pair: &mut Pair,
    reads: impl Fn(&Ledger<'_>, &Record) -> Result<bool, StoreError>,
) -> Result<bool, StoreError> {
    let mut hidden = false;
    for (id, side) in [(pair.first, &mut pair.first_is), (pair.second, &mut pair.second_is)] {
        let readable = match ledger.get(id)? {
            Some(person) => reads(ledger, &person)?,
            None => false,
        };
        if !readable && !side.name.is_empty() {
            side.name.clear();
            hidden = true;
        }
    }
    Ok(hidden)
}

fn put(ledger: &mut Ledger<'_>, addressee: AccountId, stations: bool, pair: &Pair) -> Result<(), StoreError> {
    let id = pair_id(pair.first, pair.second, addressee);
    let mut review = ledger.get(id)?.unwrap_or_else(|| Record::empty(kind::DUPLICATE, id));
    if review.kind != kind::DUPLICATE || review.typed::<Pair>("what").as_ref() == Some(pair) {
        return Ok(());
    }
    if !stations {
        ledger.put_place(&mut review, &Place { account: Some(addressee), ..Place::default() })?;
    }
    ledger.put_group(&mut review, "what", record::to_fields(pair))?;
    Ok(())
}

/// What people said about two registrations: it stands in the station's copy.
pub(super) fn decided(ledger: &Ledger<'_>, one: RecordId, other: RecordId) -> Result<Option<String>, StoreError> {
    let review = ledger.get(pair_id(one, other, STATION))?.filter(|review| review.kind == kind::DUPLICATE);
    Ok(review.and_then(|review| review.text("settled", "state").map(str::to_owned)))
}

/// A person who left a scope takes the name out of the reviews of those who may not read it any more.
///
/// # Errors
/// As the store says.
pub fn hide_what_left(ledger: &mut Ledger<'_>, person: RecordId) -> Result<(), StoreError> {
    for mut review in ledger.write.referrers(person, kind::DUPLICATE)? {
        let (Some(mut pair), Some(addressee)) = (review.typed::<Pair>("what"), place::stored(&review).account) else { continue };
        if hide(ledger, &mut pair, |ledger, person| may_read(ledger, addressee, person, "identity"))? {
            ledger.put_group(&mut review, "what", record::to_fields(&pair))?;
        }
    }
    Ok(())
}

impl Save<'_> {
    /// Whoever answers has to have one of the two.
    pub(super) fn check_settles(&self, change: &Change, held: Option<&Record>) -> Result<(), Why> {
        let Some(pair) = held.filter(|_| change.kind == kind::DUPLICATE).and_then(|held| held.typed::<Pair>("what")) else {
            return Ok(());
        };
        for person in [pair.first, pair.second] {
            if self.ledger.get(person)?.is_some_and(|person| self.work.caller.reads(&person)) {
                return Ok(());
            }
        }
        Err(Refusal::Scope.into())
    }

    /// What people said in this save about who is who.
    pub(super) fn obey(&mut self, save: &[PushedChange]) -> Result<bool, Stop> {
        let mut moved = false;
        for (index, pushed) in save.iter().enumerate() {
            let change = &pushed.change;
            let Some(record) = self.ledger.get(change.record)? else { continue };
            if change.kind == kind::DUPLICATE && change.groups.contains_key("settled") {
                let (Some(pair), Some(settled)) = (record.typed::<Pair>("what"), record.typed::<Settled>("settled")) else {
                    continue;
                };
                // Whoever has seen that two were joined says nothing for the others, who have to see it too.
                if pair.why == PairWhy::Merged && settled.state == SAME {
                    continue;
                }
                moved |= self.settle(index, pair.first, pair.second, &settled)?;
            }
            if change.kind == kind::PERSON
                && change.groups.contains_key(same::APART)
                && let Some(apart) = record.typed::<Apart>(same::APART)
            {
                let settled = Settled { state: DIFFERENT.to_owned(), at_unix_ms: change.origin.stamp.unix_ms() };
                moved |= self.settle(index, record.id, apart.than, &settled)?;
            }
        }
        Ok(moved)
    }

    fn settle(&mut self, index: usize, one: RecordId, other: RecordId, settled: &Settled) -> Result<bool, Stop> {
        // Two people who answered without seeing each other: as long as one says they are two, they are two.
        let stands = decided(&self.ledger, one, other)?;
        let settled = match stands {
            Some(state) if state == DIFFERENT => &Settled { state, ..settled.clone() },
            _ => settled,
        };
        if settled.state != SAME {
            let moved = self.split_pair(index, one, other)?;
            self.remember(one, other, settled)?;
            return Ok(moved);
        }
        self.say_same(index, one, other, settled)
    }

    fn split_pair(&mut self, index: usize, one: RecordId, other: RecordId) -> Result<bool, Stop> {
        let one_means = same::root(one, self.work.write)?;
        if one_means != same::root(other, self.work.write)? {
            return Ok(false);
        }
        // Whichever of the two is another name goes; of two other names the one it was said of.
        self.split(index, if one_means == one { other } else { one })
    }

    /// Nobody else needs to be asked; and the station's copy is the memory, even where nobody was asked before.
    pub(super) fn remember(&mut self, one: RecordId, other: RecordId, settled: &Settled) -> Result<(), StoreError> {
        self.keep_a_memory(one, other)?;
        for mut copy in self.copies_of(one, other)? {
            if copy.text("settled", "state") != Some(settled.state.as_str()) {
                self.ledger.put_group(&mut copy, "settled", record::to_fields(settled))?;
            }
        }
        Ok(())
    }

    pub(super) fn keep_a_memory(&mut self, one: RecordId, other: RecordId) -> Result<(), StoreError> {
        if self.ledger.get(pair_id(one, other, STATION))?.is_none() {
            tell(&mut self.ledger, PairWhy::Merged, one, other, None)?;
        }
        Ok(())
    }

    /// The question about these two, as each addressee has it.
    pub(super) fn copies_of(&self, one: RecordId, other: RecordId) -> Result<Vec<Record>, StoreError> {
        let mut copies = self.work.write.referrers(one, kind::DUPLICATE)?;
        copies.retain(|copy| copy.typed::<Pair>("what").is_some_and(|pair| pair.is_of(one, other)));
        Ok(copies)
    }
}
