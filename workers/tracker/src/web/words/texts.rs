//! The texts that stand for themselves, a line each: name, English, Spanish.

/// A table of texts: a struct with a member for each, and what stands in it in every language.
macro_rules! texts {
    ($($name:ident: $en:literal, $es:literal;)*) => {
        /// The texts of one language.
        #[derive(Debug)]
        pub(crate) struct Texts { $(pub(crate) $name: &'static str,)* }

        pub(super) static EN: Texts = Texts { $($name: $en,)* };
        pub(super) static ES: Texts = Texts { $($name: $es,)* };

        #[cfg(test)]
        pub(super) const PAIRS: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $es),)*];
    };
}
pub(super) use texts;

texts! {
    skip: "Skip to content", "Saltar al contenido";
    today: "Today", "Hoy";
    log: "Log", "Anotar";
    stash: "Stash", "Reserva";
    insights: "Insights", "Análisis";
    history: "History", "Historial";
    strains: "Strains", "Variedades";
    account: "Account", "Cuenta";
    main_menu: "Main", "Principal";
    cancel: "Cancel", "Cancelar";
    save: "Save", "Guardar";
    back: "Back", "Volver";
    see_all: "See all", "Ver todo";
    more: "More details", "Más detalles";
    optional: "optional", "opcional";
    fix_this: "Nothing was saved yet. Please look at this:", "Aún no se guardó nada. Revisa esto:";

    smoke: "Smoke", "Fumar";
    vape: "Vape", "Vapear";
    dab: "Dab", "Dab";
    eat: "Eat", "Comer";
    drink: "Drink", "Beber";
    sublingual: "Under the tongue", "Bajo la lengua";
    topical: "On the skin", "En la piel";
    other: "Other", "Otro";
    flower: "Flower", "Flor";
    pre_roll: "Pre-rolls", "Porros liados";
    concentrate: "Concentrate", "Concentrado";
    cartridge: "Cartridge", "Cartucho";
    edible: "Edible", "Comestible";
    tincture: "Tincture", "Tintura";
    topical_form: "Topical", "Tópico";
    capsule: "Capsules", "Cápsulas";

    welcome_line: "A quiet notebook for what you take, what it does for you, and what is left.",
        "Un cuaderno tranquilo para lo que tomas, lo que te hace y lo que te queda.";
    welcome_log: "Log in three taps", "Anota en tres toques";
    welcome_log_more: "Your jars, your usual amounts. Log one, and what is left is right.",
        "Tus frascos, tus cantidades de siempre. Anota una, y lo que queda cuadra.";
    welcome_know: "Know what it does", "Conoce su efecto";
    welcome_know_more: "Your own record of a strain comes before what a catalogue says.",
        "Tu propia experiencia va antes que lo que diga un catálogo.";
    welcome_yours: "Yours alone", "Solo tuyo";
    welcome_yours_more: "No advertising, no trackers, nothing sold. Only that you are of age is kept, never your birthday.",
        "Sin publicidad, sin rastreadores, nada se vende. Solo se guarda que eres mayor, nunca tu fecha de nacimiento.";
    start: "Start your notebook", "Empieza tu cuaderno";
    have_account: "I have an account", "Ya tengo cuenta";
    age_title: "Are you 21 or older?", "¿Tienes 21 años o más?";
    age_why: "This is for adults only. Signing up asks for your date of birth, checks it, and forgets it.",
        "Esto es solo para adultos. Al registrarte se comprueba tu fecha de nacimiento y se olvida.";
    age_yes: "Yes, I am 21 or older", "Sí, tengo 21 o más";
    age_no: "No, not yet", "No, todavía no";
    age_sorry: "Come back when you are 21", "Vuelve cuando tengas 21";
    age_sorry_more: "Nothing about you was kept.", "No se guardó nada sobre ti.";
    sign_up: "Sign up", "Crear cuenta";
    confirm_first_line: "We send a link to your address first. When you open it, you set a password.",
        "Primero enviamos un enlace a tu correo. Al abrirlo, pones una contraseña.";
    confirm_sent: "Look into your mail", "Mira tu correo";
    confirm_sent_line: "A mail is on its way. Its link counts for 30 minutes.", "Te llegará un correo. Su enlace vale 30 minutos.";
    confirm_sent_more: "Nothing there? Look among the junk mail, or send it again.", "¿No llega? Mira en el correo no deseado, o envíalo otra vez.";
    confirm_again: "Send it again", "Enviarlo otra vez";
    confirm_title: "Almost there", "Ya casi está";
    confirm_line: "Set a password, and the notebook is yours.", "Pon una contraseña, y el cuaderno es tuyo.";
    sign_in: "Sign in", "Entrar";
    sign_out: "Sign out", "Salir";
    email: "E-mail address", "Correo electrónico";
    password: "Password", "Contraseña";
    new_password: "New password", "Contraseña nueva";
    current_password: "Your password now", "Tu contraseña actual";
    password_hint: "At least 8 characters. A few words are easier than signs.",
        "Al menos 8 caracteres. Unas palabras son más fáciles que signos.";
    display_name: "What should we call you?", "¿Cómo te llamamos?";
    birth_date: "Date of birth", "Fecha de nacimiento";
    birth_hint: "Checked once, then forgotten.", "Se comprueba una vez y se olvida.";
    new_here: "New here? Sign up", "¿Primera vez? Crea tu cuenta";
    forgot: "I forgot my password", "Olvidé mi contraseña";
    with_passkey: "Sign in with a passkey", "Entrar con una llave de acceso";
    please_sign_in: "Sign in to go on. You come back to where you were.", "Entra para seguir. Volverás a donde estabas.";
    code: "Code", "Código";
    code_title: "One more step", "Un paso más";
    code_hint: "The six digits of your generator, or a recovery code.", "Los seis dígitos de tu generador, o un código de recuperación.";
    recover: "Get back in", "Recuperar el acceso";
    recover_line: "Tell us your e-mail address. If there is an account, a mail with a link is on its way.",
        "Dinos tu correo. Si hay una cuenta, te llegará un enlace.";
    send_link: "Send me a link", "Envíame un enlace";
    link_sent: "Look into your mail. The link counts for 30 minutes.", "Mira tu correo. El enlace vale 30 minutos.";
    have_link: "I have a link from a mail", "Tengo un enlace de un correo";
    link_token: "What stands behind “token=” in the link", "Lo que va detrás de «token=» en el enlace";
    set_password: "Set new password", "Poner contraseña nueva";
    password_set: "Your new password counts. Sign in with it.", "Tu contraseña nueva ya vale. Entra con ella.";
    verify: "Confirm your address", "Confirma tu correo";
    verify_line: "One tap says that this address is yours.", "Un toque confirma que este correo es tuyo.";
    verify_done: "Thank you. Your address is confirmed.", "Gracias. Tu correo está confirmado.";
    verify_do: "Yes, it is mine", "Sí, es mío";

    used_today: "Used today", "Usado hoy";
    left: "Left", "Queda";
    this_week: "This week", "Esta semana";
    this_month: "This month", "Este mes";
    last_seshes: "Last seshes", "Últimas seshes";
    again: "Same as last time", "Igual que la última vez";
    nothing_today: "Nothing yet today", "Hoy, nada aún";
    empty_stash: "Add what you have first: then logging takes three taps, and what is left counts itself.",
        "Añade primero lo que tienes: anotar serán tres toques, y lo que queda se cuenta solo.";
    add_first: "Add your first jar", "Añade tu primer frasco";
    no_seshes: "No seshes yet. The first one takes a few taps.", "Aún no hay seshes. La primera son unos toques.";
    log_one: "Log a sesh", "Anotar una sesh";
    logged: "Logged.", "Anotado.";
    edit: "Edit", "Editar";
    undo: "Undo", "Deshacer";
    hide_amounts: "Hide amounts", "Ocultar cantidades";
    show_amounts: "Show amounts", "Mostrar cantidades";
    supply: "Lasts about", "Dura unos";

    from_which: "From", "De";
    how_much: "How much", "Cuánto";
    how: "How", "Cómo";
    when: "When", "Cuándo";
    other_amount: "Another amount", "Otra cantidad";
    amount_hint: "Such as 0.4, 400mg or half", "Por ejemplo 0,4 · 400mg · medio";
    not_sure: "Not sure", "No sé";
    nothing_from_stash: "Not from my stash", "No es de mi reserva";
    rating: "How was it?", "¿Qué tal?";
    mood_before: "Mood before", "Ánimo antes";
    mood_after: "Mood after", "Ánimo después";
    effects: "What you felt", "Qué sentiste";
    effects_hint: "Words, with commas between them", "Palabras, separadas por comas";
    notes: "Notes", "Notas";
    when_hint: "Empty means now", "Vacío significa ahora";
    log_it: "Log it", "Anotar";
    one_to_five: "1 is low, 5 is high", "1 es poco, 5 es mucho";
    none: "None", "Nada";

    filter: "Filter", "Filtrar";
    from_day: "From", "Desde";
    to_day: "To", "Hasta";
    any_method: "Any way", "De cualquier modo";
    clear: "Show all", "Ver todo";
    newer: "Newer", "Más recientes";
    older: "Older", "Más antiguas";
    no_match: "Nothing fits these filters.", "Nada coincide con estos filtros.";
    delete: "Delete", "Borrar";
    deleted: "Deleted. What it took is back in your stash.", "Borrada. Lo que tomó volvió a tu reserva.";
    restored: "It is back.", "Ya está de vuelta.";
    saved: "Saved.", "Guardado.";
    edit_sesh: "Edit sesh", "Editar sesh";

    add_purchase: "Add a purchase", "Añadir una compra";
    lot_name: "Name", "Nombre";
    lot_name_hint: "Whatever you call it: Blue Dream, the green jar, …", "Como lo llames: Blue Dream, el frasco verde, …";
    form: "What is it?", "¿Qué es?";
    bought: "How much did you get?", "¿Cuánto conseguiste?";
    bought_hint: "Such as 3.5 g, an eighth or 100mg", "Por ejemplo 3,5 g o 100mg";
    price: "Price", "Precio";
    price_hint: "Such as 35 or 35.50", "Por ejemplo 35 o 35,50";
    currency: "Currency", "Moneda";
    bought_on: "Bought on", "Comprado el";
    of_strain: "Strain", "Variedad";
    used_up: "Used up", "Terminado";
    gone: "empty", "vacío";
    runs_out_first: "What runs out first stands on top.", "Arriba, lo que se acaba antes.";
    change_lot: "Something changed", "Algo cambió";
    count_it: "I weighed it", "Lo pesé";
    gift_it: "I gave some away", "Regalé un poco";
    waste_it: "I threw some away", "Tiré un poco";
    amount: "Amount", "Cantidad";
    note: "Note", "Nota";
    ledger: "What happened", "Qué pasó";
    entry_purchase: "Bought", "Compra";
    entry_session: "Sesh", "Sesh";
    entry_reversal: "Undone", "Deshecho";
    entry_gift: "Given away", "Regalado";
    entry_waste: "Thrown away", "Tirado";
    entry_adjust: "Corrected", "Corregido";
    entry_count: "Weighed", "Pesado";
    added: "It is in your stash.", "Está en tu reserva.";
    entered: "Done. What is left is right again.", "Listo. Lo que queda cuadra de nuevo.";

    search_strains: "Search strains", "Buscar variedades";
    search: "Search", "Buscar";
    no_strain: "No strain of that name. Look for a part of it, or add what you have under any name.",
        "No hay variedad con ese nombre. Busca una parte, o añade lo tuyo con cualquier nombre.";
    your_record: "Your record", "Tu experiencia";
    no_record: "You have not logged this one yet.", "Aún no has anotado esta.";
    catalogue_says: "What the catalogue says", "Lo que dice el catálogo";
    catalogue_note: "Collected from others; it is no medical advice.", "Recogido de otros; no es consejo médico.";
    felt: "You felt", "Sentiste";
    average_rating: "Your rating", "Tu nota";
    seshes: "Seshes", "Seshes";
    average_mood: "Mood, before and after", "Ánimo, antes y después";
    add_this: "Add it to my stash", "Añadir a mi reserva";
    kind_indica: "Indica", "Índica";
    kind_sativa: "Sativa", "Sativa";
    kind_hybrid: "Hybrid", "Híbrida";
    effects_said: "Effects", "Efectos";
    flavors_said: "Flavours", "Sabores";
    terpenes_said: "Terpenes", "Terpenos";
    parents_said: "Parents", "Padres";

    as_table: "As a table", "Como tabla";
    day: "Day", "Día";
    week_of: "Week of", "Semana del";
    total: "Total", "Total";
    insights_empty: "After a few seshes you see here how much, when and how.", "Tras unas seshes verás aquí cuánto, cuándo y cómo.";
    caveat: "These are your own notes, counted. They are no medical advice.", "Son tus propias notas, contadas. No son consejo médico.";

    devices: "Devices", "Dispositivos";
    devices_line: "Where you are signed in. Sign out what you do not know.", "Donde has entrado. Cierra lo que no conozcas.";
    this_device: "this one", "este";
    sign_out_others: "Sign out all others", "Cerrar todos los demás";
    signed_out_device: "That device is signed out.", "Ese dispositivo está fuera.";
    security: "Security", "Seguridad";
    security_line: "How your notebook is locked.", "Cómo se cierra tu cuaderno.";
    change_password: "Change password", "Cambiar contraseña";
    password_changed: "Your password is changed. Every other device was signed out.", "Contraseña cambiada. Los demás dispositivos se cerraron.";
    generator: "Codes from a generator", "Códigos de un generador";
    generator_off: "Signing in asks for your password alone.", "Al entrar solo se pide la contraseña.";
    generator_on: "Signing in asks for a code as well.", "Al entrar se pide también un código.";
    generator_add: "Add a generator", "Añadir un generador";
    generator_remove: "Take it away", "Quitarlo";
    generator_secret: "Type this into your generator, or open it there:", "Escribe esto en tu generador, o ábrelo allí:";
    generator_open: "Open in my generator", "Abrir en mi generador";
    generator_confirm: "Confirm with its first code", "Confirmar con su primer código";
    codes_title: "Your recovery codes", "Tus códigos de recuperación";
    codes_line: "Each counts once. Keep them where you find them without your phone: they are shown only now.",
        "Cada uno vale una vez. Guárdalos donde los encuentres sin el teléfono: solo se muestran ahora.";
    codes_renew: "Make new recovery codes", "Crear códigos nuevos";
    passkeys: "Passkeys", "Llaves de acceso";
    passkeys_none: "None yet. With one you sign in with a finger or a face.", "Ninguna aún. Con una entras con un dedo o la cara.";
    passkey_add: "Add a passkey", "Añadir una llave";
    passkey_name: "Name of the passkey", "Nombre de la llave";
    needs_script: "This needs JavaScript.", "Esto necesita JavaScript.";
    take_away: "Take away", "Quitar";
    zone_offer: "Your days begin by UTC. Begin them by your own clock?", "Tus días empiezan según UTC. ¿Los empezamos según tu reloj?";
    zone_take: "Use", "Usar";
    profile: "Profile", "Perfil";
    time_zone: "Time zone", "Zona horaria";
    time_zone_hint: "Decides when your day begins, such as Europe/Berlin", "Decide cuándo empieza tu día, como Europe/Madrid";
    unconfirmed: "Not confirmed yet: look into your mail.", "Sin confirmar: mira tu correo.";
    confirmed: "Confirmed", "Confirmado";
    language: "Language", "Idioma";
    appearance: "Appearance", "Apariencia";
    scheme_auto: "As my device", "Como mi dispositivo";
    scheme_light: "Light", "Clara";
    scheme_dark: "Dark", "Oscura";
    settings: "Settings", "Ajustes";

    offline: "You are offline", "Estás sin conexión";
    offline_line: "This page needs a connection. Try again when you have one.", "Esta página necesita conexión. Inténtalo cuando la tengas.";
    try_again: "Try again", "Intentar de nuevo";
    error_closed: "Closed for now", "Cerrado por ahora";
    error_closed_line: "Nothing is lost: what you logged stays as it is. Ask whoever runs this place when it opens again.", "Nada se ha perdido: lo que registraste sigue como estaba. Pregunta a quien lleva este sitio cuándo vuelve a abrir.";
    error_lost: "There is no such page", "No existe esa página";
    error_lost_line: "It may have moved, or it is not yours.", "Puede que se haya movido, o que no sea tuya.";
    error_forbidden: "That is not allowed", "Eso no está permitido";
    error_forbidden_line: "The form may be old. Go back, reload the page, and try once more.", "Puede que el formulario sea viejo. Vuelve, recarga e inténtalo otra vez.";
    error_ours: "Something broke on our side", "Algo falló de nuestro lado";
    error_ours_line: "It is in our log. Try again; if it stays, quote this:", "Está en nuestro registro. Inténtalo; si sigue, cita esto:";
    error_busy: "Not available right now", "No disponible ahora";
    error_busy_line: "Try again in a moment. If it stays, quote this:", "Inténtalo en un momento. Si sigue, cita esto:";
    error_request: "That was not understood", "Eso no se entendió";
    error_wait: "Too many tries", "Demasiados intentos";
    error_wait_line: "Wait a little, then try again.", "Espera un poco e inténtalo de nuevo.";
    home: "Go to Today", "Ir a Hoy";

    issue_required: "Please fill this in.", "Rellena esto.";
    issue_amount: "Write an amount, such as 0.4, 400mg or half.", "Escribe una cantidad, como 0,4 · 400mg · medio.";
    issue_choose: "Please choose one.", "Elige una opción.";
    issue_date: "Choose a day, such as 1990-04-20.", "Elige un día, como 1990-04-20.";
    issue_time: "Choose a day and a time.", "Elige día y hora.";
    issue_future: "That lies in the future.", "Eso está en el futuro.";
    issue_price: "Write a price, such as 35 or 35.50.", "Escribe un precio, como 35 o 35,50.";
    issue_email: "That is no e-mail address. Is there an @ in it?", "Eso no es un correo. ¿Tiene una @?";
    issue_long: "That is too long.", "Es demasiado largo.";
    issue_short: "That is too short.", "Es demasiado corto.";
    issue_common: "Too many people use that password. Add a word or two.", "Demasiada gente usa esa contraseña. Añade una o dos palabras.";
    issue_range: "That is out of range.", "Está fuera de rango.";
    issue_zone: "Write a zone such as Europe/Berlin or America/Los_Angeles.", "Escribe una zona como Europe/Madrid o America/Mexico_City.";
    issue_age: "You need to be 21 to sign up.", "Debes tener 21 años para registrarte.";
    issue_taken: "There is an account with this address. Sign in, or get back in.", "Ya hay una cuenta con este correo. Entra, o recupera el acceso.";
    issue_confirm_first: "Here your address is confirmed first. Send this, and set a password when you open the mail.",
        "Aquí primero se confirma tu correo. Envía esto, y pon la contraseña al abrir el mensaje.";
    issue_login: "That address and password do not fit.", "Ese correo y esa contraseña no coinciden.";
    issue_code: "That code is wrong or was used already.", "Ese código es erróneo o ya se usó.";
    issue_link: "That link is too old or was used. Ask for a new one.", "Ese enlace es viejo o ya se usó. Pide otro.";
    issue_password: "That is not your password.", "Esa no es tu contraseña.";
    issue_full: "Your organisation has no room left. Delete something, or ask whoever runs it.", "Tu organización no tiene más espacio. Borra algo o pregunta a quien la lleva.";
    issue_changed: "It changed meanwhile. Look at it again, then repeat.", "Cambió mientras tanto. Míralo de nuevo y repite.";
    issue_step: "That took too long. Start again.", "Tardó demasiado. Empieza de nuevo.";
}

#[cfg(test)]
mod tests {
    use super::PAIRS;

    #[test]
    fn every_text_is_there_and_ends_alike_in_both_languages() {
        use super::super::{access, data, pictures, plans};
        let all = [PAIRS, data::PAIRS, access::PAIRS, plans::PAIRS, pictures::PAIRS];
        for (name, en, es) in all.into_iter().flatten() {
            assert!(!en.trim().is_empty() && !es.trim().is_empty(), "{name}");
            let end = |text: &str| text.chars().last().filter(|c| matches!(c, '.' | '?' | ':'));
            assert_eq!(end(en), end(es), "{name}: {en} / {es}");
        }
    }
}
