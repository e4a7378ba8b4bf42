//! The same person under several ids: what screens show of them, and what people say about two who may be one.

use std::collections::BTreeMap;

use domain::duplicate::{DIFFERENT, Pair, Registered, SAME, Settled};
use domain::record::to_fields;
use domain::same::{self, Alias, Apart};
use domain::{Record, RecordId, kind, merge};
use store::device::View;
use ui_protocol::ErrorCode;
use ui_protocol::attention::{Attention, AttentionReply, DuplicateView, PersonSide, SettleDuplicate};
use ui_protocol::people::{OtherName, Person, PersonView, SplitPerson};

use crate::Device;
use crate::error::Failure;

/// Whoever is meant by an id, as shown: what still waits under another name lies on top, as the server will lay it.
pub(crate) fn meant(view: &View<'_>, id: RecordId) -> Result<Option<Record>, Failure> {
    let root = same::root(id, view)?;
    let Some(mut record) = view.shown(root)? else { return Ok(None) };
    for name in same::family(root, &record.kind, view)?.into_iter().filter(|name| *name != root) {
        for waiting in view.waiting_of(name)? {
            if let Some(change) = same::redirected(&waiting.change, root) {
                record = merge::lay_over(Some(record), &change);
            }
        }
    }
    Ok(Some(record))
}

/// Who is meant by a person's id. Nearly everybody is nobody else's other name, and is not read to find that out.
pub(crate) fn root_of_person(view: &View<'_>, person: RecordId) -> Result<RecordId, Failure> {
    Ok(if view.may_hold(person, same::ALIAS)? { same::root(person, view)? } else { person })
}

/// What names a person or a registration under any of its ids.
pub(crate) fn naming(view: &View<'_>, id: RecordId, kind: &str, of: &str) -> Result<Vec<Record>, Failure> {
    Ok(same::naming(id, kind, of, view)?)
}

impl Device {
    /// The other registrations a person was joined from.
    pub(crate) fn other_names(&self, view: &View<'_>, person: RecordId) -> Result<Vec<OtherName>, Failure> {
        let mut names = Vec::new();
        for id in same::family(person, kind::PERSON, view)?.into_iter().filter(|id| *id != person) {
            let Some(record) = view.shown(id)? else { continue };
            let Some(alias) = record.typed::<Alias>(same::ALIAS) else { continue };
            let name = record.text("identity", "name").unwrap_or_default().to_owned();
            names.push(OtherName { person: id, name, by: alias.by, at_unix_ms: alias.at_unix_ms });
        }
        Ok(names)
    }

    /// They are two people after all: an ordinary change, which the server obeys when it hears of it.
    pub(crate) fn split_person(&self, ask: &SplitPerson) -> Result<PersonView, Failure> {
        let root = self.save(|save| {
            save.record_of(ask.person, kind::PERSON)?;
            let root = same::root(ask.person, &**save.writing)?;
            if root == ask.person {
                return Err(ErrorCode::Stale.into());
            }
            save.set(ask.person, BTreeMap::from([(same::APART.to_owned(), to_fields(&Apart { than: root }))]))?;
            Ok(root)
        })?;
        self.person(&Person { id: root })
    }

    /// Open questions about two people, addressed to this account.
    pub(crate) fn open_duplicates(&self, view: &View<'_>) -> Result<Vec<Record>, Failure> {
        Ok(view.all(kind::DUPLICATE)?.into_iter().filter(|review| review.fields("settled").is_none()).collect())
    }

    pub(crate) fn duplicate_views(&self, view: &View<'_>) -> Result<Vec<DuplicateView>, Failure> {
        let mut views = Vec::new();
        for review in self.open_duplicates(view)? {
            let Some(pair) = review.typed::<Pair>("what") else { continue };
            let same_village = pair.first_is.area == pair.second_is.area;
            views.push(DuplicateView {
                id: review.id,
                why: pair.why,
                first: self.person_side(view, pair.first, &pair.first_is)?,
                second: self.person_side(view, pair.second, &pair.second_is)?,
                same_village,
            });
        }
        views.sort_by_key(|view| std::cmp::Reverse(view.second.at_unix_ms));
        Ok(views)
    }

    fn person_side(&self, view: &View<'_>, person: RecordId, is: &Registered) -> Result<PersonSide, Failure> {
        let line = view.person_line(same::root(person, view)?)?;
        let here = line.is_some();
        let (document, home) = line.map(|line| (line.document, line.home)).unwrap_or_default();
        Ok(PersonSide {
            person: here.then_some(person),
            name: is.name.clone(),
            document,
            home,
            area_name: self.area_name(view, &is.area)?.name,
            by: is.by.clone(),
            at_unix_ms: is.at_unix_ms,
        })
    }

    pub(crate) fn settle_duplicate(&self, ask: &SettleDuplicate) -> Result<AttentionReply, Failure> {
        self.save(|save| {
            let review = save.record_of(ask.id, kind::DUPLICATE)?;
            if review.fields("settled").is_some() {
                return Err(ErrorCode::Stale.into());
            }
            let state = if ask.same { SAME } else { DIFFERENT };
            let settled = Settled { state: state.to_owned(), at_unix_ms: save.now };
            save.set(ask.id, BTreeMap::from([("settled".to_owned(), to_fields(&settled))]))?;
            Ok(())
        })?;
        self.attention(&Attention {})
    }
}
