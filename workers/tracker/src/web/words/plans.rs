//! The texts of presets, goals and breaks. Calm: what somebody means to do is theirs, and nobody is told off.

super::texts::texts! {
    presets: "Presets", "Atajos";
    presets_empty: "A preset logs what you often take: an amount, a way, a jar. Keep one from a sesh, or make one here.",
        "Un atajo anota lo que tomas a menudo: cantidad, modo y frasco. Guarda uno desde una sesh, o créalo aquí.";
    preset_new: "Make a preset", "Crear un atajo";
    preset_edit: "Edit preset", "Editar atajo";
    preset_keep: "Keep as a preset", "Guardar como atajo";
    preset_name: "What to call it", "Cómo llamarlo";
    preset_name_hint: "Such as 1 puff of my pen", "Por ejemplo: 1 calada de mi vaporizador";
    preset_amount_hint: "Such as 0.4 or 3 mg. Of one puff or tablet, when you count those. Empty when you do not know.",
        "Por ejemplo 0,4 o 3 mg. De una calada o pastilla, si cuentas esas. Vacío si no lo sabes.";
    preset_lot_hint: "When it is empty, the newest jar of the same strain and kind is taken.",
        "Si está vacío, se toma el frasco más nuevo de la misma variedad y clase.";
    preset_made: "It is on your Log page.", "Está en tu página de anotar.";
    preset_gone: "The preset is gone.", "El atajo ya no está.";
    preset_many: "You have 100 presets, which is the most. Take one away first.", "Tienes 100 atajos, el máximo. Quita uno primero.";
    preset_short: "No jar of yours holds enough for this now.", "Ahora ningún frasco tuyo tiene bastante para esto.";
    edit_presets: "Edit presets", "Editar atajos";
    counted_in: "Counted in", "Se cuenta en";
    weighed: "grams", "gramos";
    unit_hint: "Such as 2, half or 3 puffs", "Por ejemplo 2, medio o 3 caladas";
    issue_unit: "How much one of these is, is not known. Write grams or milligrams, or make a preset for it.",
        "No se sabe cuánto es una. Escribe gramos o miligramos, o crea un atajo.";
    no_amount_kept: "no amount is kept", "sin cantidad";

    goals: "Goals and breaks", "Metas y pausas";
    goals_line: "What you mean to do, and how it goes. For you alone.", "Lo que te propones, y cómo va. Solo para ti.";
    goals_empty: "No goal and no break yet. Both are notes to yourself: set one, change your mind, end it whenever you like.",
        "Aún no hay metas ni pausas. Son notas para ti: pon una, cambia de idea, termínala cuando quieras.";
    goal_new: "Set a goal", "Poner una meta";
    your_goals: "Goals", "Metas";
    no_goals: "No goal runs now.", "Ahora no hay ninguna meta.";
    goal_set: "Your goal is set.", "Tu meta está puesta.";
    goal_ended: "The goal has ended. How it went stays here.", "La meta terminó. Cómo fue se queda aquí.";
    goal_end: "End this goal", "Terminar esta meta";
    goal_end_line: "A pause is an end and a new start: how it went until now stays.",
        "Una pausa es terminar y volver a empezar: lo que hubo hasta ahora se queda.";
    goal_again: "Set it again", "Ponerla de nuevo";
    goal_many: "20 goals are running, which is the most. End one first.", "Hay 20 metas en marcha, el máximo. Termina una primero.";
    measure: "What counts", "Qué se cuenta";
    measure_amount: "Amount", "Cantidad";
    measure_thc: "THC", "THC";
    measure_seshes: "Seshes", "Seshes";
    measure_days_off: "Days off", "Días libres";
    measure_spend: "Spending", "Gasto";
    per: "In which time", "En qué tiempo";
    per_day: "A day", "Un día";
    per_week: "A week", "Una semana";
    per_month: "A month", "Un mes";
    target: "How much", "Cuánto";
    target_hint: "At most so much; of days off, at least. Such as 3.5 g, 50 mg, 4 or 80.",
        "Como mucho eso; de días libres, al menos. Por ejemplo 3,5 g, 50 mg, 4 u 80.";
    issue_target: "Write a number that fits what counts, such as 3.5 g or 4.", "Escribe un número que encaje con lo que se cuenta, como 3,5 g o 4.";
    issue_days_off: "Days off are counted by week or month.", "Los días libres se cuentan por semana o mes.";
    suggestions: "Ideas", "Ideas";
    how_it_went: "How it went", "Cómo fue";
    how_it_goes: "Now", "Ahora";
    period: "Time", "Tiempo";
    state: "How it went", "Cómo fue";
    meant: "Meant", "Pensado";
    running: "under way", "en curso";
    met: "as planned", "como pensabas";
    met_known: "as planned, as far as amounts are known", "como pensabas, según lo que se sabe";
    more_than: "more than planned", "más de lo pensado";
    fewer_than: "fewer than planned", "menos de lo pensado";
    ended_ones: "Before", "Antes";
    first_period: "The first one is under way. What came of it will stand here.", "El primero está en curso. Aquí verás qué fue de él.";

    break_title: "Tolerance break", "Pausa de tolerancia";
    break_none: "No break runs now.", "Ahora no hay ninguna pausa.";
    break_new: "Plan a break", "Planear una pausa";
    break_line: "Some days without, for whatever reason is yours. Logging stays open meanwhile.",
        "Unos días sin, por la razón que tengas. Puedes anotar mientras tanto.";
    break_length: "How long", "Cuánto tiempo";
    break_until: "Or until the end of", "O hasta el final del";
    break_since: "Since", "Desde";
    break_start: "Begin", "Empezar";
    break_begun: "Your break has begun.", "Tu pausa ha empezado.";
    break_end: "End it now", "Terminarla ahora";
    break_ended: "The break has ended. What it was stays here.", "La pausa terminó. Lo que fue se queda aquí.";
    break_delete: "Take it away", "Quitarla";
    break_deleted: "The break is gone, as if it had never been.", "La pausa ya no está, como si nunca hubiera sido.";
    break_clash: "Another break lies in that time. End it first, or choose another time.",
        "Otra pausa cae en ese tiempo. Termínala primero, o elige otro tiempo.";
    break_over: "This break is over already.", "Esta pausa ya terminó.";
    issue_length: "Choose an end that is an hour to 400 days after the start.", "Elige un final de una hora a 400 días tras el inicio.";
    begun: "Begun", "Empezó";
    planned_end: "Planned end", "Final pensado";
    ended: "Ended", "Terminó";
    days_without: "Days without", "Días sin";
    meanwhile: "Seshes meanwhile", "Seshes entretanto";
    meanwhile_line: "Logged is logged: the break goes on, and the days are counted from there.",
        "Lo anotado, anotado está: la pausa sigue, y los días se cuentan desde ahí.";
    break_running: "It is under way.", "Está en curso.";
    break_done: "It came to its planned end.", "Llegó al final pensado.";
    break_early: "You ended it before that.", "La terminaste antes.";
    no_advice: "Your own notes, counted. No medical advice.", "Tus propias notas, contadas. No es consejo médico.";
}
