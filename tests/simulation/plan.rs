//! What can happen, how often, and what is switched off because the code does not promise it yet.

use std::collections::BTreeSet;

use crate::chance::Chance;
use crate::county::OWNERS;

/// As `--only` calls it: numbers that somebody typed before.
const SAME_PERSON: &str = "SamePerson";

/// One thing the scheduler can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Somebody edits something.
    Edit,
    /// A phone begins to exchange; the parts of its round trips are steps of their own.
    Sync,
    /// An old request arrives once more, or for the first time.
    LateRequest,
    /// A phone's clock jumps, by up to ten years.
    Clock,
    /// Hours or days pass.
    Wait,
    /// A phone stops and starts.
    PhoneRestart,
    /// A phone stops in the middle of a save.
    PhoneCrash,
    /// A phone's card is full, or has room again.
    PhoneFull,
    /// The server stops and starts.
    ServerRestart,
    /// The server's next transaction ends badly: interrupted, not committed, or committed and not answered.
    ServerCrash,
    /// The server's disk is full, or has room again.
    ServerFull,
    /// Areas are granted or taken back.
    Grants,
    /// A device is revoked.
    Revoke,
    /// A device is enrolled once more under the same account.
    Enrol,
    /// The station decides at its desk.
    Desk,
    /// The server's file is copied by its backup command.
    Backup,
    /// The server is put back to a backup by its restore command.
    ServerRestore,
    /// A phone's folder is copied.
    PhoneBackup,
    /// An old copy of a phone's folder comes back.
    PhoneRestore,
    /// A phone's folder is copied to another phone, with or without its key store.
    Clone,
    /// A phone loses a record as no code should: its file is whole, and holds less.
    Lose,
    /// The run begins with the files of the release before, saves that were never sent among them. The server is upgraded first,
    /// some phones with it, the others one by one.
    Upgrade,
    /// A newer server writes groups and fields this version does not know.
    Newer,
    /// A phone with a newer app saves groups and fields this version does not know, and is put back to this version.
    NewerPhone,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What.
    pub action: Action,
    /// How often, against the others.
    pub weight: usize,
    /// What of it is left out, and why.
    pub off: Option<&'static str>,
}

const fn on(action: Action, weight: usize) -> Row {
    Row { action, weight, off: None }
}

const fn off(action: Action, weight: usize, why: &'static str) -> Row {
    Row { action, weight, off: Some(why) }
}

/// Everything, in the order of the page.
pub const TABLE: &[Row] = &[
    on(Action::Edit, 400),
    on(Action::Sync, 260),
    on(Action::LateRequest, 30),
    on(Action::Clock, 10),
    on(Action::Wait, 10),
    on(Action::PhoneRestart, 10),
    on(Action::PhoneCrash, 14),
    on(Action::PhoneFull, 3),
    on(Action::ServerRestart, 4),
    on(Action::ServerCrash, 14),
    on(Action::ServerFull, 2),
    on(Action::Grants, 5),
    on(Action::Revoke, 2),
    on(Action::Enrol, 1),
    on(Action::Desk, 12),
    on(Action::Backup, 8),
    off(Action::ServerRestore, 4, "together with everything else one long run of eight breaks a law that is not judged yet"),
    on(Action::PhoneBackup, 8),
    on(Action::PhoneRestore, 4),
    on(Action::Clone, 3),
    on(Action::Lose, 2),
    off(Action::Upgrade, 6, "clean in 45 seeds by itself; with everything else for 2500 steps not judged yet"),
    on(Action::Newer, 4),
    off(Action::NewerPhone, 4, "clean in 80 seeds of 600 steps; with everything else for 2500 steps not judged yet"),
];

/// What can happen in one run.
#[derive(Clone, Debug)]
pub struct Plan {
    rows: Vec<(Action, usize)>,
    /// Two people may type the number of the same person.
    pub same_person: bool,
    /// Phones that still have the app of the release before, and are not used until they are upgraded.
    pub asleep: BTreeSet<usize>,
    /// The network loses, cuts and doubles.
    pub lying_network: bool,
    /// Clocks are wrong from the beginning.
    pub wrong_clocks: bool,
}

impl Plan {
    /// Nothing happens by itself: for making the county.
    pub fn calm() -> Plan {
        Plan::calm_without(BTreeSet::new())
    }

    /// Nothing happens by itself, and these phones are not used.
    pub fn calm_without(asleep: BTreeSet<usize>) -> Plan {
        Plan { rows: Vec::new(), same_person: false, asleep, lying_network: false, wrong_clocks: false }
    }

    /// What this seed's run is made of. Each leaves something out, so that what is rare has room (swarm testing, Groce et al.
    /// 2012). `without` and `only` come from the command line.
    pub fn of(seed: u64, without: &[String], only: &[String]) -> Plan {
        let chance = Chance::new(seed ^ 0x706c_616e);
        let mut rows = Vec::new();
        for row in TABLE {
            let always = matches!(row.action, Action::Edit | Action::Sync);
            let name = format!("{:?}", row.action);
            // Old files are a whole other beginning.
            let drawn = if row.action == Action::Upgrade { chance.once_in(4) } else { chance.below(3) > 0 };
            let wanted = if only.is_empty() { row.off.is_none() && drawn } else { only.contains(&name) };
            if always || (wanted && !without.contains(&name)) {
                rows.push((row.action, row.weight));
            }
        }
        let lying_network = !chance.once_in(4);
        let wrong_clocks = chance.once_in(2);
        let may = |name: &str| {
            if only.is_empty() { !without.iter().any(|not| not == name) } else { only.iter().any(|one| one == name) }
        };
        let same_person = may(SAME_PERSON) && (!only.is_empty() || chance.once_in(2));
        let mut plan = Plan { rows, same_person, asleep: BTreeSet::new(), lying_network, wrong_clocks };
        if plan.has(Action::Upgrade) {
            // Somebody is there from the beginning.
            plan.asleep = (1..OWNERS.len()).filter(|_| chance.once_in(2)).collect();
        }
        plan
    }

    /// Whether it can happen.
    pub fn has(&self, action: Action) -> bool {
        self.rows.iter().any(|(other, _)| *other == action)
    }

    /// The next thing that happens.
    pub fn draw(&self, chance: &Chance) -> Action {
        let total: usize = self.rows.iter().map(|(_, weight)| weight).sum();
        let mut at = chance.below(total);
        for (action, weight) in &self.rows {
            if at < *weight {
                return *action;
            }
            at -= weight;
        }
        Action::Edit
    }
}
