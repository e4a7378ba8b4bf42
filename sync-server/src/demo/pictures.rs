//! Photos of the demo county: drawings of a door, a fuse box and a corridor, with their bytes, so that nothing waits for a camera.

use anyhow::Context;
use domain::photo::{BlobHash, PhotoFact, WithdrawalFact};
use domain::{RecordId, kind};
use sync_protocol::blob::{BlobServer, PIECE_BYTES_MAX};

use super::county::Story;

/// One drawing: its bytes, those of its small version, what it shows.
type Drawing = (&'static [u8], &'static [u8], &'static str);

const DOOR: Drawing = (include_bytes!("photos/door.jpg"), include_bytes!("photos/door-small.jpg"), "门牌");
const WIRES: Drawing = (include_bytes!("photos/wires.jpg"), include_bytes!("photos/wires-small.jpg"), "配电箱，电线外露");
const CORRIDOR: Drawing = (include_bytes!("photos/corridor.jpg"), include_bytes!("photos/corridor-small.jpg"), "楼道堆物");

/// Pixels of each drawing.
const SIZE: (u32, u32) = (1200, 900);

impl Story {
    /// A home, two of its neighbours' hazards; and one photo that was of the wrong door.
    pub(super) fn pictures(&mut self) -> anyhow::Result<()> {
        self.go_to(2, 17);
        self.wang.sync()?;
        let open = |record: &domain::Record| domain::hazard::state_of(record).is_open();
        let hazards: Vec<RecordId> =
            self.wang.records(kind::HAZARD).iter().filter(|hazard| open(hazard)).map(|hazard| hazard.id).collect();
        let [first, second] = *hazards.first_chunk().context("王敏 has open hazards")?;
        let home = self.homes[0].unit;
        self.photo(home, DOOR)?;
        self.photo(first, WIRES)?;
        self.photo(second, CORRIDOR)?;
        let wrong = self.photo(self.homes[1].unit, DOOR)?;
        self.go_to(2, 18);
        self.wang.save(vec![self.wang.create(kind::PHOTO_WITHDRAWAL).with("fact", &WithdrawalFact { photo: wrong })]);
        self.wang.sync()?;
        Ok(())
    }

    fn photo(&mut self, of: RecordId, (whole, small, note): Drawing) -> anyhow::Result<RecordId> {
        let fact = PhotoFact {
            of,
            hash: BlobHash::of(whole),
            bytes: u32::try_from(whole.len())?,
            width: SIZE.0,
            height: SIZE.1,
            thumb: BlobHash::of(small),
            thumb_bytes: u32::try_from(small.len())?,
            taken_on: Some(self.ago(2).to_string()),
            note: note.to_owned(),
        };
        let draft = self.wang.create(kind::PHOTO).with("fact", &fact);
        let id = draft.record;
        self.wang.save(vec![draft]);
        self.wang.sync()?;
        for bytes in [whole, small] {
            let hash = BlobHash::of(bytes);
            let mut state = self.wang.server.blob_state(hash)?;
            while !state.is_complete() {
                let from = usize::try_from(state.offset)?;
                let piece = &bytes[from..bytes.len().min(from + PIECE_BYTES_MAX)];
                state = self.wang.server.put_blob(hash, state.offset, piece)?;
            }
        }
        Ok(id)
    }
}
