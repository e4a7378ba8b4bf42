//! Who set what, when, from which device, and what it replaced: what this device knows of it, and what the server tells.
//!
//! A record here says only what stands. What it replaced is known of own changes (the outbox keeps what they were laid over) and
//! of conflicts (they keep both values), and of nothing else: then it is said that nobody here knows. Who stands behind a device is known
//! of conflicts and of what the server told before ([`crate::hands`]).

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Role;
use domain::conflict::{Side, What};
use domain::kind::{self, GroupPolicy};
use domain::{DeviceNumber, Fields, GroupValue, Origin, Record, RecordId, Verb, belonging, region, same};
use store::device::{Durability, OutboxState, View};
use sync_protocol::history::{AskHistory, Entry, HISTORY_RECORDS_MAX, Outcome, Was as ToldWas};
use sync_protocol::{Ask, SyncError, Told};
use ui_protocol::ErrorCode;
use ui_protocol::history::{By, History, HistoryGroup, HistoryLine, HistoryPage, HistoryView, Was, WholeHistory};
use ui_protocol::units::ChangeState;

use crate::attention::masked;
use crate::error::{Failure, sync_failure};
use crate::hands::Hands;
use crate::{Device, derive};

/// Lines one answer shows.
const LINES_MAX: usize = 200;
/// Own changes of one record that are looked at.
const CHANGES_MAX: u32 = 200;

impl Device {
    pub(crate) fn history(&self, ask: &History) -> Result<HistoryView, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let hands = Hands::known(view, &identity)?;
            let (record, ids) = self.with_belongings(view, ask.id)?;
            let sent = view.held(record.id)?.is_some_and(|held| held.said.is_some());
            let conflicts: Vec<What> =
                view.all(kind::CONFLICT)?.iter().filter_map(|conflict| conflict.typed::<What>("what")).collect();
            let mut lines = Vec::new();
            for id in ids {
                lines.extend(self.lines_of(view, id, &hands, &conflicts)?);
            }
            lines.sort_by(|one, other| (other.at_unix_ms, &other.no).cmp(&(one.at_unix_ms, &one.no)));
            let more = lines.len() > LINES_MAX;
            lines.truncate(LINES_MAX);
            let (title, page) = (self.title_of(view, record.id)?, page_of(view, &record)?);
            Ok(HistoryView { id: record.id, title, lines, more, sent, page, kind: record.kind })
        })
    }

    /// The same from the server, complete. No lock spans the question.
    pub(crate) fn whole_history(&self, ask: &WholeHistory) -> Result<HistoryView, Failure> {
        let (identity, record, records, title) = self.store.read(|view| {
            let identity = self.require(view)?;
            let (record, mut ids) = self.with_belongings(view, ask.id)?;
            ids.truncate(HISTORY_RECORDS_MAX);
            let title = self.title_of(view, record.id)?;
            Ok::<_, Failure>((identity, record, ids, title))
        })?;
        let credentials = self.credentials(&identity)?;
        let server = self.around.connector().server(&identity.server, credentials);
        let question = Ask::History(AskHistory { records, skip: ask.skip });
        let told = server.ask(question).map_err(|error| match error {
            // It is not this person's to see now; the secret was good a moment ago.
            SyncError::Unauthorised => ErrorCode::NotAllowed.into(),
            error => Failure::from(sync_failure(&error)),
        })?;
        let Told::History { entries, more } = told else { return Err(ErrorCode::Server.into()) };
        let others = entries.iter().filter(|entry| !entry.mine && !entry.by.is_empty());
        let said: BTreeMap<DeviceNumber, String> = others
            .filter_map(|entry| Some((DeviceNumber(entry.device.filter(|device| *device != 0)?), entry.by.clone())))
            .collect();
        if !said.is_empty() {
            self.store.write(Durability::Pulled, |writing| Hands::remember(writing, &said))?;
        }
        self.store.read(|view| {
            let lines = entries.into_iter().map(|entry| self.told_line(view, entry)).collect::<Result<_, _>>()?;
            let page = page_of(view, &record)?;
            Ok(HistoryView { id: record.id, title, lines, more, sent: true, page, kind: record.kind })
        })
    }

    /// What is meant by an id, dead or alive, and everything whose history is its own.
    fn with_belongings(&self, view: &View<'_>, id: RecordId) -> Result<(Record, Vec<RecordId>), Failure> {
        let record = view.held(id)?.map(|held| held.shown).ok_or(ErrorCode::NotFound)?;
        let ids = belonging::of(&record, view)?;
        Ok((record, ids))
    }

    fn lines_of(&self, view: &View<'_>, id: RecordId, hands: &Hands, conflicts: &[What]) -> Result<Vec<HistoryLine>, Failure> {
        let Some(held) = view.held(id)? else { return Ok(Vec::new()) };
        let mine = view.changes_of(id, CHANGES_MAX)?;
        let told: Vec<&What> = conflicts.iter().filter(|what| what.record == id).collect();
        let kind = held.shown.kind.clone();
        let about = self.about(view, &held.shown)?;
        let page = page_of(view, &held.shown)?;
        let line = |verb, at_unix_ms, by, device, groups, state, no| HistoryLine {
            record: id,
            kind: kind.clone(),
            about: about.clone(),
            page: page.clone(),
            verb,
            at_unix_ms,
            by,
            device,
            groups,
            state,
            no,
        };

        // Every value known here, by its permanent name.
        let mut known: BTreeMap<(&str, Origin), &Fields> = BTreeMap::new();
        for change in &mine {
            for (group, changed) in &change.change.groups {
                known.insert((group, change.change.origin), &changed.fields);
            }
        }
        let sides = |what: &'_ &What| [Some(what.lost.clone()), what.stands.clone()].into_iter().flatten().collect::<Vec<Side>>();
        let met: Vec<(&str, Side)> =
            told.iter().flat_map(|what| sides(what).into_iter().map(|side| (what.group.as_str(), side))).collect();
        for (group, side) in &met {
            known.entry((group, side.origin)).or_insert(&side.fields);
        }
        let said = || held.said.iter().flat_map(|said| &said.groups);
        for (group, value) in said() {
            known.entry((group, value.origin)).or_insert(&value.fields);
        }

        let mut lines = Vec::new();
        for change in &mine {
            let groups = change.change.groups.iter().filter(|(group, _)| *group != kind::PLACE).map(|(group, changed)| {
                let was = match changed.base {
                    None => Was::Nothing,
                    Some(base) => known.get(&(group.as_str(), base)).map_or(Was::Unknown, |was| Was::Value((*was).clone())),
                };
                (group.clone(), changed.fields.clone(), was)
            });
            let groups = self.shown_groups(view, groups)?;
            let origin = change.change.origin;
            lines.push(line(
                change.change.verb,
                origin.stamp.unix_ms(),
                By::Me,
                Some(origin.device.0),
                groups,
                state_of(change.state),
                change.change.txn.number(),
            ));
        }
        // What others set: what stands, one line for each hand and moment, and what lost against something.
        let own: BTreeSet<Origin> = mine.iter().map(|change| change.change.origin).collect();
        let mut others: BTreeMap<Origin, Vec<(&String, &GroupValue)>> = BTreeMap::new();
        for (group, value) in said().filter(|(group, value)| *group != kind::PLACE && !own.contains(&value.origin)) {
            others.entry(value.origin).or_default().push((group, value));
        }
        for (origin, values) in &others {
            let groups = values.iter().map(|(group, value)| {
                // Written once; anything else may have stood there before, and is not here any more.
                let first = kind::policy(&kind, group) == GroupPolicy::First || group.as_str() == "number";
                let was = if first { Was::Nothing } else { Was::Unknown };
                ((*group).clone(), value.fields.clone(), was)
            });
            let groups = self.shown_groups(view, groups)?;
            let by = by(*origin, hands);
            lines.push(line(
                Verb::Set,
                origin.stamp.unix_ms(),
                by,
                Some(origin.device.0),
                groups,
                ChangeState::Answered,
                String::new(),
            ));
        }
        for what in &told {
            let lost = &what.lost;
            if own.contains(&lost.origin) || what.group.is_empty() {
                continue;
            }
            let groups = self.shown_groups(view, [(what.group.clone(), lost.fields.clone(), Was::Unknown)].into_iter())?;
            let by = by(lost.origin, hands);
            lines.push(line(
                Verb::Set,
                lost.at_unix_ms,
                by,
                Some(lost.origin.device.0),
                groups,
                ChangeState::Conflict,
                String::new(),
            ));
        }
        if let Some(dead) = held.said.as_ref().and_then(|said| said.dead).filter(|dead| !own.contains(dead)) {
            let by = by(dead, hands);
            lines.push(line(
                Verb::Delete,
                dead.stamp.unix_ms(),
                by,
                Some(dead.device.0),
                Vec::new(),
                ChangeState::Answered,
                String::new(),
            ));
        }
        Ok(lines)
    }

    /// A change as the server told it.
    fn told_line(&self, view: &View<'_>, entry: Entry) -> Result<HistoryLine, Failure> {
        let (about, page) = match view.held(entry.record)? {
            Some(held) => (self.about(view, &held.shown)?, page_of(view, &held.shown)?),
            None => Default::default(),
        };
        let groups = entry.groups.into_iter().map(|told| {
            let was = match told.was {
                ToldWas::Nothing => Was::Nothing,
                ToldWas::Value(fields) => Was::Value(fields),
                ToldWas::Unknown => Was::Unknown,
            };
            (told.group, told.fields, was)
        });
        Ok(HistoryLine {
            record: entry.record,
            kind: entry.kind,
            about,
            page,
            verb: entry.verb,
            at_unix_ms: entry.at_unix_ms,
            by: match (entry.mine, entry.device, entry.role) {
                (true, ..) => By::Me,
                (_, Some(0), _) if entry.by.is_empty() => By::Server,
                _ if !entry.by.is_empty() => By::Named(entry.by),
                (_, Some(device), _) => By::Device(device),
                (_, None, role) => By::Role(role.unwrap_or(Role::Coordinator)),
            },
            device: entry.device,
            groups: self.shown_groups(view, groups)?,
            state: match entry.outcome {
                Outcome::Ok => ChangeState::Answered,
                Outcome::Merged => ChangeState::Conflict,
                Outcome::Refused => ChangeState::Refused,
                Outcome::Held => ChangeState::Held,
            },
            no: entry.no,
        })
    }

    /// Values as people read them: numbers masked, regions and villages by name.
    fn shown_groups(
        &self,
        view: &View<'_>,
        groups: impl Iterator<Item = (String, Fields, Was)>,
    ) -> Result<Vec<HistoryGroup>, Failure> {
        groups
            .map(|(group, fields, was)| {
                Ok(HistoryGroup {
                    fields: self.in_words(view, &fields)?,
                    was: match was {
                        Was::Value(fields) => Was::Value(self.in_words(view, &fields)?),
                        other => other,
                    },
                    group,
                })
            })
            .collect()
    }

    fn in_words(&self, view: &View<'_>, fields: &Fields) -> Result<Fields, Failure> {
        let mut shown = masked(fields);
        if let Some(found) = shown.get("region").and_then(|code| region::find(code.as_str()?)) {
            shown.insert("region".to_owned(), found.display().into());
        }
        // Into which home one was merged, by its address.
        if let Some(into) = fields.get("into").and_then(|into| into.as_str()?.parse().ok()) {
            shown.insert("into".to_owned(), self.title_of(view, into)?.into());
        }
        if let Some(code) = fields.get("area").and_then(|code| code.as_str()) {
            shown.insert("area".to_owned(), self.area_name(view, code)?.name.into());
        }
        Ok(shown)
    }

    /// What a picture says, or what it hangs on.
    fn shown_on(&self, view: &View<'_>, photo: &Record) -> Result<String, Failure> {
        match photo.text("fact", "note").filter(|note| !note.is_empty()) {
            Some(note) => Ok(note.to_owned()),
            None => photo.reference("fact", "of").map_or(Ok(String::new()), |of| self.title_of(view, of)),
        }
    }

    /// Which of several stays, rooms or people a line is about.
    fn about(&self, view: &View<'_>, record: &Record) -> Result<String, Failure> {
        let named = match record.kind.as_str() {
            kind::STAY => record.reference("where", "unit"),
            kind::TENANCY => match record.reference("where", "person") {
                Some(person) => return self.title_of(view, same::root(person, view)?),
                None => return Ok(record.text("firm", "name").unwrap_or_default().to_owned()),
            },
            kind::ROOM => return Ok(record.text("label", "label").unwrap_or_default().to_owned()),
            kind::VISIT | kind::INSPECTION | kind::LETTER => record.reference("fact", "unit"),
            kind::REFERRAL => return Ok(record.text("who", "name").unwrap_or_default().to_owned()),
            kind::PHOTO => return self.shown_on(view, record),
            kind::VISIT_PERSON => {
                let person = record.reference("fact", "person").map_or(Ok(None), |id| same::root(id, view).map(Some))?;
                return person.map_or(Ok(String::new()), |person| self.title_of(view, person));
            }
            _ => None,
        };
        let home = named.map_or(Ok(None), |id| view.held(id))?;
        Ok(home.map(|home| derive::unit_title(&home.shown)).unwrap_or_default())
    }
}

/// The page a line leads to: that of the record, or of what it stands on; none of what is shown nowhere by itself.
fn page_of(view: &View<'_>, record: &Record) -> Result<Option<HistoryPage>, Failure> {
    if record.dead.is_some() {
        return Ok(None);
    }
    if record.kind == kind::PHOTO {
        // A picture hangs on what it shows.
        let shows = record.reference("fact", "of").map_or(Ok(None), |of| view.shown(of))?;
        return shows.map_or(Ok(None), |shows| page_of(view, &shows));
    }
    let has_own = matches!(
        record.kind.as_str(),
        kind::UNIT | kind::PERSON | kind::HAZARD | kind::INSPECTION | kind::VISIT | kind::REPORT | kind::REFERRAL
    );
    let on_page_of = on_page_of(record);
    let page = HistoryPage { kind: record.kind.clone(), id: record.id, on_page_of };
    Ok((has_own || on_page_of.is_some()).then_some(page))
}

/// Where a record is shown that has no page of its own.
pub(crate) fn on_page_of(record: &Record) -> Option<RecordId> {
    match record.kind.as_str() {
        kind::PERMIT | kind::PERMIT_APPLICATION | kind::RESIDENCY => record.reference("who", "person"),
        kind::STAY => record.reference("where", "person"),
        kind::LETTER | kind::VISIT | kind::INSPECTION => record.reference("fact", "unit"),
        kind::ROOM | kind::TENANCY => record.reference("where", "unit"),
        _ => None,
    }
}

/// Whose a value is, as far as this device knows.
fn by(origin: Origin, hands: &Hands) -> By {
    if origin.device == DeviceNumber::SERVER {
        return By::Server;
    }
    match hands.behind(origin.device) {
        Some(name) if name.is_empty() => By::Me,
        Some(name) => By::Named(name),
        None => By::Device(origin.device.0),
    }
}

fn state_of(state: OutboxState) -> ChangeState {
    match state {
        OutboxState::Waiting => ChangeState::Waiting,
        OutboxState::Ok => ChangeState::Answered,
        OutboxState::Merged => ChangeState::Conflict,
        OutboxState::Refused | OutboxState::Resent | OutboxState::Discarded => ChangeState::Refused,
        OutboxState::Held => ChangeState::Held,
    }
}
