//! What the person was told was saved, kept outside everything under test.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

/// The phone numbers of each person, as the person at the phone knows them.
#[derive(Debug, Default)]
pub struct Ledger {
    people: BTreeMap<String, Known>,
    /// Those who were registered, by name: `true` when the phone confirmed it.
    registered: BTreeMap<String, bool>,
    /// Saves that were confirmed.
    pub saved: u64,
}

#[derive(Debug, Default)]
struct Known {
    /// The last one the phone confirmed.
    saved: Option<String>,
    /// Those it was asked to save since, and died over.
    unsure: Vec<String>,
}

impl Ledger {
    /// Reads one line of the worker.
    pub fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["registering", name] => drop(self.registered.insert((*name).to_owned(), false)),
            ["not-registered", name] => drop(self.registered.remove(*name)),
            ["registered", name] => {
                self.registered.insert((*name).to_owned(), true);
                self.saved += 1;
            }
            _ => {}
        }
        if let [what, person, number] = words.as_slice() {
            let known = self.people.entry((*person).to_owned()).or_default();
            match *what {
                "saving" => known.unsure.push((*number).to_owned()),
                "refused" => known.unsure.retain(|unsure| unsure != number),
                "saved" => {
                    known.saved = Some((*number).to_owned());
                    known.unsure.clear();
                    self.saved += 1;
                }
                _ => {}
            }
        }
    }

    /// What both sides say now must be the last confirmed number, or a later one that was being saved when the phone died.
    ///
    /// # Errors
    /// A confirmed save that is nowhere.
    pub fn check(&mut self, who: &str, now: &BTreeMap<String, String>) -> Result<()> {
        for (person, known) in &self.people {
            let Some(saved) = &known.saved else { continue };
            let is = now.get(person);
            let right = is == Some(saved) || is.is_some_and(|is| known.unsure.contains(is));
            ensure!(right, "{who}: a save that was confirmed is not there: {person} is {is:?}, was {saved}");
        }
        Ok(())
    }

    /// Everybody whose registration was confirmed is there once, and nobody is there who was never registered.
    ///
    /// # Errors
    /// A registration that is nowhere, twice, or nobody's.
    pub fn check_registered(&self, who: &str, here: &[String]) -> Result<()> {
        for name in here {
            ensure!(self.registered.contains_key(name), "{who}: nobody registered {name}");
            ensure!(here.iter().filter(|other| *other == name).count() == 1, "{who}: {name} is there twice");
        }
        for (name, confirmed) in &self.registered {
            ensure!(!confirmed || here.contains(name), "{who}: a registration that was confirmed is not there: {name}");
        }
        Ok(())
    }

    /// After a check, what is there is what is known.
    pub fn settle(&mut self, now: &BTreeMap<String, String>, here: &[String]) {
        self.registered = here.iter().map(|name| (name.clone(), true)).collect();
        for (person, known) in &mut self.people {
            known.unsure.clear();
            known.saved = now.get(person).cloned();
        }
    }
}
