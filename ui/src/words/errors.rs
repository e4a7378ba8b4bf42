//! A sentence for each failure: what happened, whether the data is safe, what to do.

use ui_protocol::{ErrorCode, UiError};

use super::Words;

impl Words {
    /// The whole message of a failure.
    pub fn failure(self, error: &UiError) -> String {
        let mut said = self.error(error.code).to_owned();
        if error.waiting > 0 && error.code == ErrorCode::Unreachable {
            let waiting = error.waiting;
            said = self.pick(
                format!("连不上服务器。您的 {waiting} 条改动保存在本机，下次自动上传。"),
                format!("Could not reach the server. Your {waiting} changes are kept on this device and will go next time."),
            );
        }
        if error.retry_after_s > 0 {
            let minutes = error.retry_after_s.div_ceil(60);
            said.push_str(&self.pick(format!("请过 {minutes} 分钟再试。"), format!(" Try again in {minutes} min.")));
        }
        said
    }

    /// The sentence of a code.
    pub fn error(self, code: ErrorCode) -> &'static str {
        let (chinese, english) = match code {
            ErrorCode::Form => (
                "还有几处要改，改好再保存。您填的内容都在。",
                "A few things have to be mended before it can be saved. What you typed is still here.",
            ),
            ErrorCode::NotEnrolled => (
                "本机还没有绑定账号。请用服务器地址和验证码绑定。",
                "This device belongs to nobody yet. Set it up with the server's address and a code.",
            ),
            ErrorCode::SignedOut => ("请先登录。已保存的数据都在。", "Please sign in first. What you saved is safe."),
            ErrorCode::Locked => ("已锁定，请先解锁。您保存的都在。", "Locked: unlock first. What you saved is safe."),
            ErrorCode::WrongPin => ("解锁密码不对。您保存的都在。", "The PIN is not right. What you saved is safe."),
            ErrorCode::KeyGone => (
                "打开本机文件的密钥没有了，本机上的资料读不出来。封存的记录还可以交上去，什么也不会丢。",
                "The key of the file on this device is gone, so it cannot be read. What is sealed can still be handed in; nothing is lost.",
            ),
            ErrorCode::Encrypted => (
                "本机的文件已加密，这个版本打不开。请安装正式版；什么也没有动。",
                "The file on this device is encrypted and this build cannot open it. Install a release; nothing was touched.",
            ),
            ErrorCode::Keys => (
                "系统的密钥库没有回应。请解锁系统或重新启动再试，数据都在。",
                "The system's key store does not answer. Unlock the system or restart, and try again; nothing is lost.",
            ),
            ErrorCode::LeaseOver => (
                "太久没有和服务器联系，请先同步。您保存的都在。",
                "Too long without the server: synchronise first. What you saved is safe.",
            ),
            ErrorCode::SyncFirst => (
                "请先联网同步一次再设置解锁密码：这样万一忘了，没上传的记录也能交上去。",
                "Synchronise once before you set a PIN: then unsent work can be handed in even if you forget it.",
            ),
            ErrorCode::HandInFirst => (
                "请先交出封存的记录，再重新绑定本机。什么也没有删。",
                "Hand in what is sealed first, then set this device up again. Nothing was deleted.",
            ),
            ErrorCode::WrongPassword => (
                "账号或密码不对。请看清大小写再输一次。",
                "Login or password is not right. Check capital letters and type it again.",
            ),
            ErrorCode::WrongCode => (
                "验证码不对、用过了或者过期了。请向管理员要一个新的。",
                "The code is wrong, used or too old. Ask your administrator for a new one.",
            ),
            ErrorCode::TooManyTries => (
                "试的次数太多了，暂时锁住。数据不受影响，请稍后再试。",
                "Too many tries, locked for a while. Nothing is lost; try again later.",
            ),
            ErrorCode::NotFound => (
                "本机没有这条记录，可能已经转到别的村，或者被撤销了。请返回列表看看。",
                "This record is not on this device: it may have moved to another village or been taken back. Go back to the list.",
            ),
            ErrorCode::NotAllowed => (
                "您的账号不能做这件事，什么也没有改。需要的话请找派出所。",
                "Your account may not do that; nothing was changed. Ask the police station if you need it.",
            ),
            ErrorCode::Stale => (
                "这条记录刚被别人改过，您的内容还没有保存。请返回看看最新内容再改。",
                "Somebody changed this record meanwhile; yours is not saved yet. Go back, look at it and change it again.",
            ),
            ErrorCode::InUse => (
                "还有别的记录关联着它，没有改动。请先处理住在里面的人。",
                "Other records still refer to it; nothing was changed. Deal with the people living there first.",
            ),
            ErrorCode::Unreachable => (
                "连不上服务器。已保存的数据在本机，下次自动上传。",
                "Could not reach the server. What you saved is kept on this device and will go next time.",
            ),
            ErrorCode::Unauthorised => (
                "服务器不认本机的密钥。已保存的数据还在本机，请联系管理员重新绑定。",
                "The server does not accept this device's key. What you saved is still here; ask your administrator to set it up again.",
            ),
            ErrorCode::Revoked => (
                "本机已停用。停用后一个月内上传的，交派出所暂存，由派出所决定；没上传的还在本机，请联系管理员。",
                "This device was revoked. What it sends within a month is held at the station, which decides; what was not sent is still here. Call your administrator.",
            ),
            ErrorCode::UnknownDevice => (
                "服务器上找不到本机。已保存的数据还在本机，请联系管理员。",
                "The server does not know this device any more. What you saved is still here; call your administrator.",
            ),
            ErrorCode::Forked => (
                "本机的数据像是从旧备份恢复的，和服务器接不上。数据都在，请联系管理员，先不要删除应用。",
                "This device seems to have been restored from an old copy and does not fit the server. Nothing is lost; call your administrator and do not delete the app.",
            ),
            ErrorCode::TooOld => (
                "应用版本太旧，服务器不再接收。已保存的数据在本机，请更新应用再同步。",
                "This version of the app is too old for the server. What you saved is kept here; update the app and sync again.",
            ),
            ErrorCode::Busy => (
                "服务器正忙。已保存的数据在本机，稍后会自动再试。",
                "The server is busy. What you saved is kept here; it tries again by itself.",
            ),
            ErrorCode::Server => (
                "服务器出了问题。已保存的数据不受影响，请稍后再试，一直不行就告诉管理员。",
                "The server failed. What you saved is safe; try again later, and tell your administrator if it goes on.",
            ),
            ErrorCode::DiskFull => (
                "手机存储满了，刚才的内容没有保存。请不要关闭本页，腾出一些空间再按一次保存。",
                "This device has no space left and this was not saved. Keep this page open, free some space and save again.",
            ),
            ErrorCode::ReadOnly => (
                "数据文件写不进去，刚才的内容没有保存。请不要关闭本页，重启手机后还不行就找管理员。",
                "The data file cannot be written and this was not saved. Keep this page open; if it goes on after a restart, call your administrator.",
            ),
            ErrorCode::FileNewer => (
                "本机的数据是新版本应用写的。数据都在，请更新应用再打开。",
                "The data on this device was written by a newer version. Nothing is lost; update the app and open it again.",
            ),
            ErrorCode::FileCorrupt => (
                "数据文件坏了，已另存一份，没有删除。请向管理员要一个新的一次性验证码：已上传的会重新下载，没上传的会从坏文件里找回来再传。",
                "The data file is damaged; a copy was set aside and nothing deleted. Ask your administrator for a new code: what was sent comes back from the server, and what was not is looked for in the damaged file and sent.",
            ),
            ErrorCode::PhotoEmpty => (
                "这个文件是空的，没有加上照片。请重新拍一张，或换一张选。",
                "This file is empty; no photo was added. Take it again or choose another one.",
            ),
            ErrorCode::PhotoTooLarge => (
                "这个文件超过 40 兆，没有加上照片。请用相机直接拍，或选小一点的图片。",
                "This file is larger than 40 MB; no photo was added. Take it with the camera or choose a smaller one.",
            ),
            ErrorCode::PhotoHeic => (
                "这是苹果手机的高效格式，打不开，没有加上照片。请在手机“设置-相机-格式”里选“兼容性最佳”再拍，或用本页直接拍。",
                "This is an iPhone's HEIC file, which cannot be read; no photo was added. Choose “Most Compatible” in the camera's settings, or take it from this page.",
            ),
            ErrorCode::PhotoUnknown => (
                "这个文件不是能打开的图片，没有加上照片。请选相机拍的照片或手机截图。",
                "This is no picture that can be read; no photo was added. Choose a JPG, PNG or WebP.",
            ),
            ErrorCode::PhotoDamaged => (
                "这张图片不完整或坏了，没有加上照片。请重新拍一张。",
                "This picture is cut off or broken; no photo was added. Please take it again.",
            ),
            ErrorCode::PhotoPixels => (
                "这张图片太大，像素超出了相机的范围，没有加上照片。请用相机直接拍。",
                "This picture has more pixels than a camera makes; no photo was added. Take it with the camera.",
            ),
            ErrorCode::PhotoNotHere => (
                "原图还没有到服务器，拍照的手机上还在等上传。请稍后再看。",
                "The photo itself has not reached the server: it waits on the phone that took it. Look again later.",
            ),
            ErrorCode::PhotoGone => (
                "这张照片撤下太久，本机已经清掉了，没有恢复。请重新拍一张，或重新选文件。",
                "This photo was taken down too long ago and is no longer on this device; it was not put back. Take it again or choose the file.",
            ),
            ErrorCode::Malformed => (
                "没有看懂收到的内容，什么也没有改。请更新应用再试。",
                "What arrived could not be read; nothing was changed. Update the app and try again.",
            ),
            ErrorCode::Internal => (
                "程序出了错，刚才的内容可能没有保存。请不要关闭本页，再试一次；还不行就告诉管理员。",
                "A mistake of ours: this may not have been saved. Keep this page open and try again; tell your administrator if it goes on.",
            ),
            ErrorCode::NoAnswer => (
                "程序没有应答，刚才的内容还没有保存。请不要关闭本页，重新启动登门后再试一次。",
                "The program does not answer and this is not saved yet. Keep this page open, start Doorstep again and try once more.",
            ),
        };
        self.pick(chinese, english)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    /// Every code; the match in `Words::error` keeps the sentences complete, this keeps the list of the test so.
    pub(crate) const CODES: &[ErrorCode] = &[
        ErrorCode::Form,
        ErrorCode::NotEnrolled,
        ErrorCode::SignedOut,
        ErrorCode::Locked,
        ErrorCode::WrongPin,
        ErrorCode::KeyGone,
        ErrorCode::Encrypted,
        ErrorCode::Keys,
        ErrorCode::LeaseOver,
        ErrorCode::SyncFirst,
        ErrorCode::HandInFirst,
        ErrorCode::WrongPassword,
        ErrorCode::WrongCode,
        ErrorCode::TooManyTries,
        ErrorCode::NotFound,
        ErrorCode::NotAllowed,
        ErrorCode::Stale,
        ErrorCode::InUse,
        ErrorCode::Unreachable,
        ErrorCode::Unauthorised,
        ErrorCode::Revoked,
        ErrorCode::UnknownDevice,
        ErrorCode::Forked,
        ErrorCode::TooOld,
        ErrorCode::Busy,
        ErrorCode::Server,
        ErrorCode::DiskFull,
        ErrorCode::ReadOnly,
        ErrorCode::FileNewer,
        ErrorCode::FileCorrupt,
        ErrorCode::PhotoEmpty,
        ErrorCode::PhotoTooLarge,
        ErrorCode::PhotoHeic,
        ErrorCode::PhotoUnknown,
        ErrorCode::PhotoDamaged,
        ErrorCode::PhotoPixels,
        ErrorCode::PhotoNotHere,
        ErrorCode::PhotoGone,
        ErrorCode::Malformed,
        ErrorCode::Internal,
        ErrorCode::NoAnswer,
    ];

    #[test]
    fn every_failure_says_what_happened_and_ends_its_sentence() {
        for words in BOTH {
            for code in CODES {
                let said = words.error(*code);
                assert_spoken(words, said, &format!("{code:?}"));
                assert!(said.ends_with(['。', '.']), "{code:?} is a sentence: {said}");
            }
        }
    }

    #[test]
    fn a_lost_network_says_how_much_is_waiting_and_when_to_try() {
        for words in BOTH {
            let error = UiError { waiting: 3, retry_after_s: 90, ..UiError::of(ErrorCode::Unreachable) };
            let said = words.failure(&error);
            assert_spoken(words, &said, "a lost network");
            assert!(said.contains('3') && said.contains('2'), "three waiting, two minutes: {said}");
        }
    }
}
