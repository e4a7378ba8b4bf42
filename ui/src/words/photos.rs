//! Photos of homes: what they are of, where their bytes stand.

use ui_protocol::photos::{PhotoState, PhotosStatus};

use super::{Words, sentences};

sentences! {
    photos_title = "照片", "Photos";
    photos_limits = "只拍房屋、房间、门牌和隐患，不要拍到人和证件。照片不做人脸识别。", "Only the home, its rooms, the door plate and hazards: no people, no documents. No face is looked for in them.";
    photos_empty = "还没有照片", "No photos yet";
    photo_note = "照片说明（可不填）", "What it shows (optional)";
    photo_take = "拍照", "Take a photo";
    photo_choose = "选图片", "Choose a picture";
    photo_adding = "正在处理照片", "Preparing the photo";
    photo_added = "照片已保存在本机，有网络时自动上传", "The photo is kept on this device and goes when there is a network";
    photo_open = "看大图", "Show the whole photo";
    photo_small_missing = "缩略图还没有下载", "The small version has not come yet";
    photo_whole_missing = "原图未到", "Not arrived";
    photo_of_others = "这张不是本机拍的。派出所拍的照片，只有派出所能撤下。", "This was not taken on this phone. What the station took, only the station takes down.";
    photo_withdraw = "撤下照片", "Take this photo down";
    photo_withdrawn = "照片已撤下，七天内可以恢复", "The photo was taken down; it can be put back for seven days";
    photo_put_back = "恢复照片", "Put it back";
    photo_not_sent = "未上传", "Not sent";
    photo_sent = "已上传", "On the server";
    photo_elsewhere = "同事拍的", "By a colleague";
    photos_wifi_only = "照片原图只用无线网络上传", "Send whole photos over Wi-Fi only";
    photos_send_now = "现在就上传照片", "Send the photos now";
    photos_held = "照片在等无线网络，设置里选了原图只用无线网络上传；认不出的网络当作要流量的。", "Photos wait for Wi-Fi, as chosen in the settings; a network that does not say is taken for one that costs.";
    photos_sending = "照片正在上传", "Photos are being sent";
    photos_lost_line = "照片没有传完，断在哪里就从哪里接着传。", "The photos did not get through; they go on from where they stopped.";
}

impl Words {
    /// Where a photo's bytes stand.
    pub fn photo_state(self, state: PhotoState) -> String {
        match state {
            PhotoState::NotSent => self.photo_not_sent().to_owned(),
            PhotoState::Sending { percent } => self.pick(format!("上传中 {percent}%"), format!("Sending {percent}%")),
            PhotoState::Sent => self.photo_sent().to_owned(),
            PhotoState::Elsewhere => self.photo_elsewhere().to_owned(),
        }
    }

    /// How many photos are still to be sent, and how much that is.
    pub fn photos_waiting(self, photos: &PhotosStatus) -> String {
        // In tenths of a million bytes, without a float.
        let tenths = photos.bytes.div_ceil(100_000);
        let (whole, tenth) = (tenths / 10, tenths % 10);
        self.pick(
            format!("{} 张照片待上传，共 {whole}.{tenth} 兆", photos.waiting),
            format!("{} photos to be sent, {whole}.{tenth} MB", photos.waiting),
        )
    }

    /// A photo for somebody who cannot see it.
    pub fn photo_said(self, note: &str, day: &str) -> String {
        let what = if note.is_empty() { self.pick("照片", "Photo") } else { note };
        self.pick(format!("{what}，{day}"), format!("{what}, {day}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn every_state_of_a_photo_is_said() {
        for words in BOTH {
            for state in [PhotoState::NotSent, PhotoState::Sending { percent: 40 }, PhotoState::Sent, PhotoState::Elsewhere] {
                assert_spoken(words, &words.photo_state(state), &format!("{state:?}"));
            }
            assert!(words.photo_state(PhotoState::Sending { percent: 40 }).contains("40%"));
            let waiting = PhotosStatus { waiting: 2, bytes: 401_000, ..PhotosStatus::default() };
            assert!(words.photos_waiting(&waiting).contains('2') && words.photos_waiting(&waiting).contains("0.5"));
            assert!(!words.photo_said("", "11-23").is_empty());
        }
    }
}
