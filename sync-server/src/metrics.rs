//! Counters for `/metrics`, in Prometheus' text form. Numbers only.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident),+ $(,)?) => {
        /// What happened since the start.
        #[derive(Debug, Default)]
        pub struct Metrics {
            $($(#[doc = $doc])+ pub $name: AtomicU64,)+
        }

        impl Metrics {
            /// As Prometheus reads it.
            pub fn text(&self) -> String {
                let mut text = String::new();
                $(
                    let help = concat!($($doc),+).trim();
                    let name = concat!("doorstep_", stringify!($name));
                    // Writing to a String cannot fail.
                    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {}\n", self.$name.load(Relaxed));
                )+
                text
            }
        }
    };
}

counters! {
    /// Exchanges answered.
    exchanges_total,
    /// Exchanges that got no answer but a reason.
    exchanges_refused_total,
    /// Changes applied.
    changes_ok_total,
    /// Changes that met another value.
    changes_merged_total,
    /// Changes refused.
    changes_refused_total,
    /// Changes held for the station.
    changes_held_total,
    /// Changes answered from the book because they came again.
    changes_repeated_total,
    /// Records sent.
    records_sent_total,
    /// Exits sent.
    exits_sent_total,
    /// Transactions committed.
    groups_total,
    /// Transactions lost with every member.
    groups_lost_total,
    /// Pieces of work committed.
    group_members_total,
    /// Devices whose own digest differed from the server's at the same cursor.
    digest_mismatches_total,
    /// Comparisons record by record after such a difference.
    repairs_total,
    /// Records that were missing, different or superfluous on a device and were put right.
    records_repaired_total,
    /// Devices that had an answer which this server never gave: it was restored without the restore command.
    rolled_back_alarms_total,
    /// Backups made and looked at.
    backups_total,
    /// Backups that could not be made.
    backups_failed_total,
    /// When the last backup was made, Unix seconds, UTC; 0 before the first.
    backup_last_seconds_total,
    /// Photos and small versions that arrived and were what their name says.
    photos_arrived_total,
    /// Those that were not, and were thrown away.
    photos_wrong_total,
    /// HTTP answers of 4xx.
    http_4xx_total,
    /// HTTP answers of 5xx.
    http_5xx_total,
    /// Milliseconds spent on exchanges.
    exchange_ms_total,
}

impl Metrics {
    /// One group of the writer.
    pub fn group(&self, members: usize, committed: bool) {
        if committed {
            self.groups_total.fetch_add(1, Relaxed);
            self.group_members_total.fetch_add(members as u64, Relaxed);
        } else {
            self.groups_lost_total.fetch_add(1, Relaxed);
        }
    }

    /// Counts up.
    pub fn add(&self, counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Relaxed);
    }
}
