//! The texts of who gets in, and where: API keys, programs, tenants, invitations, staff who act as somebody.

super::texts::texts! {
    keys: "API keys", "Claves API";
    keys_line: "For programs of your own. A key stands for you, within what you let it do, until you end it.",
        "Para tus propios programas. Una clave te representa, en lo que le permitas, hasta que la termines.";
    keys_none: "No keys yet.", "Aún no hay claves.";
    key_make: "Make a key", "Crear una clave";
    key_name: "What is it for?", "¿Para qué es?";
    key_may: "What may it do?", "¿Qué puede hacer?";
    key_may_one: "Choose at least one.", "Elige al menos una.";
    key_days: "Ends after", "Termina tras";
    key_addresses: "Only from these addresses", "Solo desde estas direcciones";
    key_addresses_hint: "One on each line, such as 203.0.113.7 or 203.0.113.0/24. Empty means from anywhere.",
        "Una por línea, como 203.0.113.7 o 203.0.113.0/24. Vacío significa desde cualquiera.";
    key_new: "Your new key", "Tu clave nueva";
    key_new_line: "Copy it now: it is shown this once, and nobody can show it again.",
        "Cópiala ahora: se muestra solo esta vez, y nadie puede volver a mostrarla.";
    key_ends: "ends", "termina";
    key_ended: "ended", "terminada";
    key_never: "never used", "nunca usada";
    key_used: "used", "usada";
    key_rotate: "Turn it over", "Renovarla";
    key_rotate_line: "A new key takes its place, with the same rights. The old one may count on for a while, so that nothing stands still.",
        "Una clave nueva toma su lugar, con los mismos permisos. La vieja puede valer un tiempo, para que nada se pare.";
    key_overlap: "The old one counts for", "La vieja vale";
    overlap_none: "No longer", "Ya no";
    overlap_hour: "An hour", "Una hora";
    overlap_day: "A day", "Un día";
    key_revoke: "End this key", "Terminar esta clave";
    key_revoke_line: "At once: whatever uses it stops.", "Al momento: lo que la use se detiene.";
    key_revoked: "That key is ended.", "Esa clave está terminada.";
    scope_strains_read: "Search strains, read your own", "Buscar variedades y leer las tuyas";
    scope_strains_write: "Add strains of your own", "Añadir variedades tuyas";
    scope_stash_read: "Read your stash", "Leer tu reserva";
    scope_stash_write: "Change your stash", "Cambiar tu reserva";
    scope_sessions_read: "Read seshes, presets, goals", "Leer seshes, atajos, metas";
    scope_sessions_write: "Log, edit and delete them", "Anotarlas, editarlas y borrarlas";

    programs: "Connected programs", "Programas conectados";
    programs_line: "What others made and you let act for you. Disconnecting ends it at once.",
        "Lo que hicieron otros y dejaste actuar por ti. Desconectar lo termina al momento.";
    programs_none: "No program acts for you.", "Ningún programa actúa por ti.";
    program_may: "may", "puede";
    disconnect: "Disconnect", "Desconectar";
    disconnected: "That program no longer acts for you.", "Ese programa ya no actúa por ti.";

    ways: "Linked accounts", "Cuentas enlazadas";
    ways_line: "Accounts elsewhere that sign you in here.", "Cuentas de otros sitios con las que entras aquí.";
    ways_none: "None is linked.", "No hay ninguna enlazada.";
    ways_no_password: "You have no password here. Set one by mail first, so that you keep a way in.",
        "No tienes contraseña aquí. Pon una por correo primero, para conservar una entrada.";
    way_linked: "linked", "enlazada";
    way_which: "Which one?", "¿Cuál?";
    unlink: "Unlink", "Desenlazar";
    unlinked: "It no longer signs you in.", "Ya no sirve para entrar.";

    tenants: "Organisations", "Organizaciones";
    tenants_line: "Where your account belongs. Each has a notebook of its own; nothing moves between them.",
        "A dónde pertenece tu cuenta. Cada una tiene su cuaderno; nada pasa de una a otra.";
    tenant_here: "here now", "aquí ahora";
    tenant_closed: "closed", "cerrada";
    tenant_other_apps: "other apps", "otras apps";
    tenant_go: "Go there", "Ir allí";
    tenant_leave: "Leave", "Dejarla";
    tenant_leave_line: "You lose what your role there gave you, at once. Only a new invitation brings you back.",
        "Pierdes al momento lo que te daba tu papel allí. Solo otra invitación te devuelve.";
    tenant_switched: "You are there now.", "Ya estás allí.";
    tenant_left: "You have left.", "La has dejado.";
    tenant_joined: "You belong to it now.", "Ya perteneces a ella.";
    tenant_last_owner: "You are its only owner. Make somebody else an owner first.",
        "Eres su única propietaria o propietario. Nombra antes a otra persona.";
    role_owner: "Owner", "Propiedad";
    role_admin: "Admin", "Administración";
    role_member: "Member", "Miembro";

    invitation: "You are invited", "Tienes una invitación";
    invitation_line: "An organisation asks you to work with it. Accept it signed in with the address that the mail went to.",
        "Una organización te invita a trabajar con ella. Acéptala con el correo al que llegó.";
    invitation_go: "Go on", "Seguir";
    invitation_accept: "Accept the invitation", "Aceptar la invitación";
    invitation_new: "No account yet? Sign up with that address, then open the link once more.",
        "¿Sin cuenta aún? Regístrate con ese correo y abre el enlace otra vez.";
    invitation_over: "This invitation is over, or was taken back.", "Esta invitación ya no vale, o fue retirada.";
    invitation_other: "It was made to another address. Sign in with that one.", "Se hizo a otro correo. Entra con ese.";
    invitation_member: "You belong to it already.", "Ya perteneces a ella.";
    invitation_full: "It has as many members as it may have. Tell whoever invited you.",
        "Tiene tantos miembros como puede. Avisa a quien te invitó.";

    acting: "Seen by our staff", "Visto por nuestro equipo";
    acting_line: "For staff: see an account as its owner does, to read and never to change. Begin at administration, and bring the token from there.",
        "Para el equipo: ver una cuenta como su dueña o dueño, para leer y nunca cambiar. Empieza en administración y trae de allí el token.";
    acting_token: "Token", "Token";
    acting_begin: "See the account", "Ver la cuenta";
    acting_end: "End", "Terminar";
    acting_wrong: "That is no token for acting as somebody, or it is over.", "No es un token para actuar como alguien, o ya terminó.";
    menu_notebook: "Your notebook", "Tu diario";
    menu_own: "You", "Tú";
    menu_others: "Who else gets in", "Quién más entra";
    acting_history: "Who of our staff saw it", "Quién de nuestro equipo lo vio";
    acting_none: "Nobody of our staff has seen your account as you see it.", "Nadie de nuestro equipo ha visto tu cuenta como la ves tú.";
    error_acting: "You see this as somebody else", "Ves esto como otra persona";
    error_acting_line: "Whoever acts as somebody reads, and changes nothing.", "Quien actúa como otra persona lee, y no cambia nada.";
}
