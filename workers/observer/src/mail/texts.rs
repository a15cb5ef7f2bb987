//! Every text that is mailed, in English, as plain text and as simple HTML.

use super::{Kind, Letterhead};
use sesh_edge::io::Mail;
use sesh_types::contract::Token;
use sesh_types::ids::MailId;

/// One mail's words: its subject, what stands above the link, what stands below it.
struct Words {
    subject: &'static str,
    above: &'static [&'static str],
    /// The page that the link leads to.
    page: Option<&'static str>,
    below: &'static [&'static str],
}

const NOT_YOU: &str = "If that was not you, set a new password now: ask for it where you sign in. Then sign out the \
                       devices that you do not know.";

#[allow(clippy::too_many_lines, reason = "every text in one place")]
const fn words(kind: Kind) -> Words {
    match kind {
        Kind::VerifyEmail => Words {
            subject: "Is this your e-mail address?",
            above: &["An account was made with this e-mail address. Open this link to say that it is yours:"],
            page: Some("verify"),
            below: &["The link counts for two days. If you made no account, do nothing."],
        },
        Kind::SignUp => Words {
            subject: "Finish signing up",
            above: &["Somebody wants to sign up with this e-mail address. Open this link if it was you:"],
            page: Some("sign-up/confirm"),
            below: &[
                "The link counts once, for 30 minutes. Until you have opened it and set a password, there is no account.",
                "If it was not you, do nothing.",
            ],
        },
        Kind::HaveAccount => Words {
            subject: "You have an account already",
            above: &[
                "Somebody wants to sign up with this e-mail address, and there is an account with it. If it was you, sign \
                 in:",
            ],
            page: Some("sign-in"),
            below: &[
                "If you have forgotten the password, ask for a new one there.",
                "If it was not you, do nothing: nothing has changed, and nobody was told.",
            ],
        },
        Kind::ResetPassword => Words {
            subject: "Set a new password",
            above: &[
                "Somebody asked for a new password for the account with this e-mail address. Open this link to \
                      set one:",
            ],
            page: Some("recover"),
            below: &[
                "The link counts once, for 30 minutes. A new password signs out every device.",
                "If it was not you, do nothing: your password stays as it is.",
            ],
        },
        Kind::ChangeEmail => Words {
            subject: "Is this your new e-mail address?",
            above: &[
                "Somebody wants to use this e-mail address for their account. Open this link if it was you:",
            ],
            page: Some("verify"),
            below: &["The link counts for one hour. If it was not you, do nothing."],
        },
        Kind::PasswordChanged => Words {
            subject: "Your password was changed",
            above: &[
                "The password of your account was changed, and every other device was signed out.",
                NOT_YOU,
            ],
            page: None,
            below: &[],
        },
        Kind::PasswordReset => Words {
            subject: "A new password was set",
            above: &[
                "A new password was set for your account with a link that we had mailed you, and every device was \
                 signed out.",
                NOT_YOU,
            ],
            page: None,
            below: &[],
        },
        Kind::EmailChanged => Words {
            subject: "Your e-mail address was changed",
            above: &[
                "Your account has another e-mail address now. You sign in with that one, and this address gets no \
                 more mail from us.",
                "If that was not you, answer this mail.",
            ],
            page: None,
            below: &[],
        },
        Kind::FactorAdded => Words {
            subject: "Signing in asks for a code now",
            above: &[
                "A generator of one-time codes was added to your account: signing in asks for a code besides the \
                 password. Keep the recovery codes where you find them without it.",
                NOT_YOU,
            ],
            page: None,
            below: &[],
        },
        Kind::FactorRemoved => Words {
            subject: "Signing in asks for no code any more",
            above: &[
                "The generator of one-time codes and the recovery codes were taken from your account.",
                NOT_YOU,
            ],
            page: None,
            below: &[],
        },
        Kind::RecoveryCodesRenewed => Words {
            subject: "You have new recovery codes",
            above: &[
                "New recovery codes were made for your account. Those of before no longer count.",
                NOT_YOU,
            ],
            page: None,
            below: &[],
        },
        Kind::PasskeyAdded => Words {
            subject: "A passkey was added",
            above: &["A passkey was added to your account: whoever holds it signs in with it.", NOT_YOU],
            page: None,
            below: &[],
        },
        Kind::PasskeyRemoved => Words {
            subject: "A passkey was taken away",
            above: &["A passkey was taken from your account.", NOT_YOU],
            page: None,
            below: &[],
        },
        Kind::Impersonated => Words {
            subject: "Our staff looks at your account",
            above: &[
                "A member of our staff sees your account as you see it, for half an hour at most. They can change \
                 nothing. Who it is and why stands in your account, under the visits of our staff.",
                "If you did not ask for help and the reason says nothing to you, answer this mail.",
            ],
            page: None,
            below: &[],
        },
        Kind::IdentityLinked => Words {
            subject: "Another way to sign in was added",
            above: &[
                "An account that you have elsewhere was linked to your account: whoever can sign in there is signed in \
                 here, too.",
                NOT_YOU,
            ],
            page: None,
            below: &[],
        },
        Kind::KeyMade => Words {
            subject: "You made an API key",
            above: &[
                "An API key was made with your account: whoever holds it may do what it is for, without signing in.",
                NOT_YOU,
                "Then end the key.",
            ],
            page: None,
            below: &[],
        },
        Kind::IdentityUnlinked => Words {
            subject: "A way to sign in was taken away",
            above: &["An account that you have elsewhere is no longer linked to your account.", NOT_YOU],
            page: None,
            below: &[],
        },
        Kind::FactorResetAsked => Words {
            subject: "Your second factors are to be taken away",
            above: &[
                "Somebody told us that they have lost all second factors of your account. In 24 hours we take them away, \
                 sign every device out, and only a new password, set by mail, gets you in again.",
                "If that was not you, sign in with your second factor: that ends it. Or answer this mail.",
            ],
            page: None,
            below: &[],
        },
        Kind::FactorsReset => Words {
            subject: "Your second factors were taken away",
            above: &[
                "Generator, recovery codes, passkeys and accounts elsewhere no longer get anybody in to your account, nor \
                 does its password, and every device was signed out. Ask for a new password where you sign in, and set up \
                 a second factor again.",
                "If you did not ask for this, answer this mail.",
            ],
            page: None,
            below: &[],
        },
        Kind::Invitation => Words {
            subject: "You are invited",
            above: &[
                "An organisation asks you to work with it. Open this link to see which, and to accept, signed in with \
                 this e-mail address:",
            ],
            page: Some("invitation"),
            below: &["The link counts once, for two weeks. If you do not want to, do nothing."],
        },
        Kind::MembershipBegun => Words {
            subject: "You have joined an organisation",
            above: &[
                "Your account is a member of another organisation now. You see which, and leave it, in your settings.",
                NOT_YOU,
            ],
            page: None,
            below: &[],
        },
        Kind::RecoveryCodeUsed => Words {
            subject: "A recovery code was used",
            above: &["One of the recovery codes of your account was used. It counts no more.", NOT_YOU],
            page: None,
            below: &[],
        },
    }
}

/// A mail as it goes out. A token stands behind `#`, which browsers keep to themselves: it reaches no server's log.
pub fn write(id: MailId, kind: Kind, to: &str, head: &Letterhead, token: Option<&Token>) -> Mail {
    let Words { subject, above, page, below } = words(kind);
    let token = token.map(|token| format!("#token={}", token.0)).unwrap_or_default();
    let link = page.map(|page| format!("{}/{page}{token}", head.app_url));
    let paragraphs = above.iter().copied().chain(link.as_deref()).chain(below.iter().copied());
    let text = paragraphs.collect::<Vec<_>>().join("\n\n") + "\n";
    let html_of = |lines: &[&str]| {
        lines.iter().map(|line| ["<p>", &escaped(line), "</p>\n"].concat()).collect::<Vec<_>>().concat()
    };
    let anchor = link.as_deref().map(escaped).map(|link| format!("<p><a href=\"{link}\">{link}</a></p>\n"));
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><body>\n{}{}{}</body></html>\n",
        html_of(above),
        anchor.unwrap_or_default(),
        html_of(below),
    );
    let (from, to) = (head.from.clone(), to.to_owned());
    Mail { id: id.to_string(), from, to, subject: subject.to_owned(), text, html }
}

/// Who a mail is for, besides us.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// What a tenant calls the app at its address: a name by its rules, which no address passes.
    pub name: &'a str,
    /// Where its people may ask for help.
    pub support_email: Option<&'a str>,
}

/// The same mail with the tenant's name below it. Links lead where they always lead: whoever calls by a tenant's address
/// could otherwise have tokens mailed that lead to it.
pub fn signed(mut mail: Mail, named: Option<Named<'_>>) -> Mail {
    let Some(Named { name, support_email }) = named else { return mail };
    let help = support_email.map(|address| format!(" Questions: {address}")).unwrap_or_default();
    let line = format!("{name}, on Sesh-Tracker.{help}");
    mail.html = mail.html.replace("</body>", &["<p>", &escaped(&line), "</p>\n</body>"].concat());
    mail.text.push_str(&["\n", &line, "\n"].concat());
    mail
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_stands_in_both_bodies_with_its_token_behind_the_hash() {
        let head = Letterhead { from: "a@b.example".into(), app_url: "https://app.example".into() };
        let token = Token("mt_k_i_m".into());
        let mail = write(MailId(uuid::Uuid::nil()), Kind::ResetPassword, "c@d.example", &head, Some(&token));
        let link = "https://app.example/recover#token=mt_k_i_m";
        assert!(mail.text.contains(&format!("\n\n{link}\n\n")), "{}", mail.text);
        assert!(mail.html.contains(&format!("<a href=\"{link}\">{link}</a>")), "{}", mail.html);
        let mail = write(MailId(uuid::Uuid::nil()), Kind::PasswordChanged, "c@d.example", &head, None);
        assert!(!mail.text.contains("http") && !mail.html.contains("href"));
        assert!(mail.text.contains("every other device was signed out"));
    }

    #[test]
    fn a_tenants_name_stands_below_as_text() {
        let head = Letterhead { from: "a@b.example".into(), app_url: "https://app.example".into() };
        let mail = write(MailId(uuid::Uuid::nil()), Kind::PasswordChanged, "c@d.example", &head, None);
        assert_eq!(signed(mail.clone(), None).text, mail.text);
        let named = Named { name: "Grün & Söhne", support_email: Some("help@acre.example") };
        let signed = signed(mail.clone(), Some(named));
        assert!(signed.text.ends_with("\n\nGrün & Söhne, on Sesh-Tracker. Questions: help@acre.example\n"));
        assert!(signed.html.contains("<p>Grün &amp; Söhne, on Sesh-Tracker."), "{}", signed.html);
        assert_eq!(
            (signed.subject, signed.from),
            (mail.subject, mail.from),
            "whom it is from stays ours to say"
        );
    }
}
